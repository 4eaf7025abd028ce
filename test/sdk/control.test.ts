import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newCredential } from '../../src/sdk/configuration/credentials.ts';
import { dialAddress } from '../../src/sdk/control/address.ts';
import { runOrphanedTasks } from '../../src/sdk/control/background.ts';
import type { ControlEvent, ControlResult } from '../../src/sdk/control/run.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { runCli } from '../cli/harness.ts';
import { type FakePhone, fakePhone, type Identity, selfSigned } from '../net/fake-phone.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const MAC = '00562b000001';

/** A Cisco phone's action URLs (cisco.md section 6) in a few lines. */
class FakeCisco {
  readonly requests: string[] = [];
  bootedAt = Date.now() - 86_400_000;
  inCall = false;
  registered = true;
  /** What it does with /admin/reboot. */
  onReboot: (response: ServerResponse) => void = (response) => {
    this.bootedAt = Date.now() + 2000;
    response.end('Phone will reboot.');
  };

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.bootedAt > Date.now()) {
      request.socket.destroy();
      return;
    }
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="phone"' });
      response.end();
      return;
    }
    this.requests.push(request.url ?? '');
    if (request.url === '/admin/reboot') this.onReboot(response);
    else if (request.url === '/admin/status.xml') response.end(this.#status());
    else response.writeHead(404).end();
  }

  #status(): string {
    const seconds = Math.floor((Date.now() - this.bootedAt) / 1000);
    const time = [3600, 60, 1].map((unit, index) => Math.floor(seconds / unit) % (index === 0 ? 1e6 : 60));
    return `<?xml version="1.0"?><status><Software_Version>12.0.5</Software_Version>
      <Elapsed_Time>${time.map((part) => String(part).padStart(2, '0')).join(':')}</Elapsed_Time>
      <Registration_State_1_>${this.registered ? 'Registered' : 'Not Registered'}</Registration_State_1_>
      ${this.inCall ? '<Call_1_State>Connected</Call_1_State>' : ''}</status>`;
  }
}

async function results(events: AsyncIterable<ControlEvent>): Promise<readonly ControlResult[]> {
  for await (const event of events) if (event.type === 'finished') return event.results;
  throw new Error('the operation did not finish');
}

describe('sdk: control', () => {
  let identity: Identity;
  let home: TestHome;
  let cisco: FakeCisco;
  let phone: FakePhone;
  let deviceId: number;

  before(async () => {
    identity = await selfSigned(`CP-8841-3PCC-${MAC.toUpperCase()}`);
  });
  beforeEach(async () => {
    home = await makeHome();
    cisco = new FakeCisco();
    phone = await fakePhone(identity, (request, response) => cisco.handle(request, response));
    await home.phonectl.devices.add({ devices: [{ mac: MAC, model: '8841', name: 'office', controlUrl: phone.url }] });
    const installation = await openInstallation({ home: home.path });
    const [device] = await installation.store.read.devices.match(MAC, 'all');
    assert.ok(device);
    deviceId = device.id;
    const credential = newCredential(installation.secrets, device, 'admin', Date.now());
    await installation.store.transaction(({ credentials }) => credentials.add([credential]));
    await installation.store.close();
  });
  afterEach(async () => {
    await phone.close();
    await home.remove();
  });

  /** The server learnt that the phone booted. */
  async function booted(): Promise<void> {
    const { store } = await openInstallation({ home: home.path });
    await store.transaction(({ evidence }) =>
      evidence.append([{ deviceId, at: Date.now(), kind: 'boot', address: null, detail: {} }]),
    );
    await store.close();
  }

  it('DEV-32: reboots a phone and proves it by what the server saw', async () => {
    cisco.onReboot = (response) => {
      response.end();
      void booted();
    };
    const [result] = await results(home.phonectl.control.reboot({ selector: { refs: ['office'] } }));
    assert.equal(result?.result, 'success');
    assert.equal(result?.device, MAC);
    assert.equal(result?.via, 'action-url');
    assert.match(result?.evidence ?? '', /^booted at /);
    const installation = await openInstallation({ home: home.path });
    const log = await Array.fromAsync(installation.store.read.log.list({ operation: 'device.reboot' }));
    await installation.store.close();
    assert.equal(log.length, 1);
    assert.equal(log[0]?.object, `device:${MAC}`);
  });

  it('proves it by the uptime that the phone tells, where no server saw it', async () => {
    const [result] = await results(home.phonectl.control.reboot({ selector: { all: true }, timeout: 15 }));
    assert.equal(result?.result, 'success');
    assert.match(result?.evidence ?? '', /^up for \d+ s, says the phone$/);
  });

  it('does not call it a success when the phone answers 200 and does nothing', async () => {
    cisco.onReboot = (response) => response.end('ok');
    const [result] = await results(home.phonectl.control.reboot({ selector: { all: true }, timeout: 4 }));
    assert.equal(result?.result, 'failure');
    assert.equal(result?.code, 'unconfirmed');
    assert.match(result?.reason ?? '', /was not seen to do it in 4 s: it has been up for 86\d\d\d s/);
    assert.equal(cisco.requests.filter((url) => url === '/admin/reboot').length, 1);
  });

  it('sends no second command when the first was not answered', async () => {
    cisco.onReboot = (response) => response.destroy();
    const [result] = await results(home.phonectl.control.reboot({ selector: { all: true }, timeout: 1 }));
    assert.equal(result?.result, 'failure');
    assert.equal(cisco.requests.filter((url) => url === '/admin/reboot').length, 1);
  });

  it('leaves a phone in a call alone without force', async () => {
    cisco.inCall = true;
    const [left] = await results(home.phonectl.control.reboot({ selector: { all: true }, attempts: 1 }));
    assert.equal(left?.result, 'skipped');
    assert.equal(left?.code, 'busy');
    assert.ok(!cisco.requests.includes('/admin/reboot'));
    cisco.onReboot = (response) => {
      response.end();
      void booted();
    };
    const [forced] = await results(home.phonectl.control.reboot({ selector: { all: true }, force: true }));
    assert.equal(forced?.result, 'success');
  });

  it('sends nothing and records nothing in a dry run', async () => {
    const [result] = await results(home.phonectl.control.reboot({ selector: { all: true }, dryRun: true }));
    assert.equal(result?.result, 'skipped');
    assert.equal(result?.via, 'action-url');
    assert.deepEqual(cisco.requests, []);
    assert.deepEqual(await Array.fromAsync(home.phonectl.tasks.list({})), []);
  });

  it('says which ways there are to a phone that cannot be dialled; exit status 10', async () => {
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'remote' }] });
    const { status, stdout } = await runCli(['device', 'reboot', 'remote', '--yes', '--json'], {
      home: home.path,
      env: home.env,
    });
    assert.equal(status, 10);
    const { results: all } = JSON.parse(stdout);
    assert.equal(all[0].code, 'unreachable');
    assert.equal(all[0].attempts, 1);
    assert.match(all[0].reason, /no address of it is known/);
  });

  it('refuses what it does not know: a device, a way', async () => {
    const { control } = home.phonectl;
    await assert.rejects(results(control.reboot({ selector: { refs: ['nosuch'] } })), { code: 'not_found' });
    await assert.rejects(results(control.reboot({ selector: { all: true }, via: 'pigeon' })), { code: 'usage' });
    await assert.rejects(results(control.reboot({ selector: { search: 'nothing at all' } })), { code: 'not_found' });
  });

  it('TASK-19, TASK-26: shows a task, and retries only what failed', async () => {
    cisco.onReboot = (response) => response.writeHead(403).end();
    await results(home.phonectl.control.reboot({ selector: { all: true }, attempts: 1 }));
    const [task] = await Array.fromAsync(home.phonectl.tasks.list({}));
    assert.ok(task);
    assert.match(task.name, /^Apply-Reboot-\d{8}-\d{4}$/);
    assert.equal(task.state, 'done');
    assert.deepEqual(task.counters, { total: 1, success: 0, failure: 1, notApplicable: 0, skipped: 0, inProgress: 0 });
    cisco.onReboot = (response) => {
      response.end();
      void booted();
    };
    const [again] = await results(home.phonectl.tasks.retry({ task: task.id }));
    assert.equal(again?.result, 'success');
    const shown = await home.phonectl.tasks.show({ task: task.id });
    assert.equal(shown.runs, 2);
    assert.equal(shown.results[0]?.result, 'success');
    await assert.rejects(results(home.phonectl.tasks.retry({ task: task.id })), { code: 'conflict' });
    await assert.rejects(home.phonectl.tasks.show({ task: 999 }), { code: 'not_found' });
  });

  it('makes a task and leaves it to others with wait: false; task run does the rest', async () => {
    const events = await Array.fromAsync(home.phonectl.control.reboot({ selector: { all: true }, wait: false }));
    const left = events.at(-1);
    assert.ok(left?.type === 'finished');
    assert.deepEqual([left.state, left.summary.pending, left.results], ['executing', 1, []]);
    assert.deepEqual(cisco.requests, []);
    cisco.onReboot = (response) => {
      response.end();
      void booted();
    };
    const [task] = await Array.fromAsync(home.phonectl.tasks.list({}));
    const [done] = await results(home.phonectl.tasks.run({ task: task?.id ?? 0 }));
    assert.equal(done?.result, 'success');
  });

  it('a server looks after tasks that nobody has in hand, and after no other', async () => {
    cisco.onReboot = (response) => {
      response.end();
      void booted();
    };
    const installation = await openInstallation({ home: home.path });
    const stop = new AbortController();
    const troubles: string[] = [];
    const background = runOrphanedTasks({ ...installation, scope: 'all' }, stop.signal, (text) => troubles.push(text));
    await results(home.phonectl.control.reboot({ selector: { all: true }, wait: false }));
    const deadline = Date.now() + 10_000;
    for (;;) {
      const [task] = await Array.fromAsync(home.phonectl.tasks.list({}));
      if (task?.state === 'done') {
        assert.equal(task.counters.success, 1);
        break;
      }
      assert.ok(Date.now() < deadline, 'nobody ran the task');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    stop.abort();
    await background;
    await installation.store.close();
    assert.deepEqual(troubles, []);
    assert.equal(cisco.requests.filter((url) => url === '/admin/reboot').length, 1);
  });

  it('DEV-29, DEV-30: status tells what the phone says; exit status 0 only if it is registered', async () => {
    const options = { home: home.path, env: home.env };
    const good = await runCli(['device', 'status', 'office', '--json'], options);
    assert.equal(good.status, 0, good.stderr);
    const report = JSON.parse(good.stdout);
    assert.equal(report.source, 'phone');
    assert.equal(report.sip, 'registered');
    assert.equal(report.firmware, '12.0.5');
    cisco.registered = false;
    assert.equal((await runCli(['device', 'status', 'office', '--json'], options)).status, 3);
    await phone.close();
    const silent = JSON.parse((await runCli(['device', 'status', 'office', '--json'], options)).stdout);
    assert.equal(silent.source, 'server');
    assert.match(silent.reason, /refused/);
  });

  it('DEV-26: refresh keeps what phones say', async () => {
    const [result] = await Array.fromAsync(home.phonectl.control.refresh({ selector: { all: true } }));
    assert.equal(result?.result, 'success');
    await phone.close();
    const report = await home.phonectl.control.status({ device: 'office', offline: true });
    assert.equal(report.firmware, '12.0.5');
    assert.equal(report.sip, 'registered');
    assert.equal(report.source, 'server');
  });
});

describe('sdk: where a phone is dialled', () => {
  const nothing = { controlUrl: null, privateIp: null, facts: { publicIp: null, reportedIp: null } };

  it('takes what people said before what was seen', () => {
    const facts = { publicIp: '10.0.0.9', reportedIp: '10.0.0.9' };
    assert.deepEqual(dialAddress({ controlUrl: 'https://[fd00::1]:8443', privateIp: '10.0.0.1', facts }), {
      url: 'https://[fd00::1]:8443',
      host: 'fd00::1',
    });
    assert.deepEqual(dialAddress({ ...nothing, privateIp: 'fd00::2', facts }), {
      url: 'https://[fd00::2]',
      host: 'fd00::2',
    });
    assert.deepEqual(dialAddress({ ...nothing, facts }), { url: 'https://10.0.0.9', host: '10.0.0.9' });
  });

  it('takes the port for SIP from the control URL, which is sent without it', () => {
    assert.deepEqual(dialAddress({ ...nothing, controlUrl: 'https://198.51.100.7:8443#sip=5062' }), {
      url: 'https://198.51.100.7:8443',
      host: '198.51.100.7',
      sipPort: 5062,
    });
  });

  it('does not believe an address that only the phone itself names (F-12)', () => {
    const behindNat = dialAddress({ ...nothing, facts: { publicIp: '198.51.100.7', reportedIp: '169.254.169.254' } });
    assert.ok('reason' in behindNat);
    assert.match(behindNat.reason, /198\.51\.100\.7/);
    assert.match(behindNat.reason, /NOTIFY/);
  });

  it('never dials ourselves, link-local or multicast addresses because of what was seen', () => {
    for (const address of ['127.0.0.1', '127.16.0.3', '169.254.169.254', '0.0.0.0', '224.0.1.75', '::1', 'fe80::1']) {
      const found = dialAddress({ ...nothing, facts: { publicIp: address, reportedIp: address } });
      assert.ok('reason' in found, address);
    }
  });

  it('dials a phone with a public address of its own', () => {
    const found = dialAddress({ ...nothing, facts: { publicIp: '198.51.100.7', reportedIp: '198.51.100.7' } });
    assert.ok('url' in found);
  });
});
