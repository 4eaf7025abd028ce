/** Acceptance 2 of the issue of configuration, with a small fleet; bench/config.ts does it with 1,000 phones. */
import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import type { ConfigStatus } from '../../src/sdk/push/read.ts';
import { runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

type Finished = ControlEvent & { readonly type: 'finished' };

async function finished(events: AsyncIterable<ControlEvent>): Promise<Finished> {
  for await (const event of events) if (event.type === 'finished') return event;
  throw new Error('the push did not finish');
}

/** What the server sees is in the store a moment later. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, 'not reached in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('config push, status, drift: the closed loop', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  const VENDORS = ['poly', 'yealink', 'cisco'] as const;
  const NAMES = { poly: 'voIpProt.server.1.expires', yealink: 'account.1.sip_server.1.expires' } as const;

  before(async () => {
    fleet = await playedFleet({ phones: 15, speed: 60 });
    const { profiles } = fleet.phonectl;
    for (const [vendor, name] of Object.entries(NAMES)) {
      await profiles.add({ name: vendor, vendor: vendor as 'poly', set: [{ name, value: '900' }] });
      await profiles.assign({ profile: vendor, target: { global: true } });
    }
    await profiles.add({ name: 'cisco', vendor: 'cisco', set: [{ name: 'Register_Expires_1_', value: '900' }] });
    await profiles.assign({ profile: 'cisco', target: { global: true } });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  function first(vendor: (typeof VENDORS)[number]): string {
    return fleet.macs.find((mac) => fleet.lab.phone(mac).vendor === vendor)!;
  }

  function runs(mac: string): string {
    const { vendor, parameters } = fleet.lab.phone(mac);
    return parameters.text(vendor === 'cisco' ? 'Register_Expires_1_' : NAMES[vendor]);
  }

  async function drift(...refs: string[]): Promise<readonly ConfigStatus[]> {
    return await Array.fromAsync(fleet.phonectl.pushes.drift({ selector: refs.length > 0 ? { refs } : { all: true } }));
  }

  it('a dry run lists the phones and touches none', async () => {
    const { summary, results } = await finished(fleet.phonectl.pushes.push({ selector: { all: true }, dryRun: true }));
    assert.equal(summary.total, 15);
    assert.ok(results.every(({ reason }) => reason?.startsWith('dry run: ')));
    assert.ok(fleet.macs.every((mac) => runs(mac) !== '900'));
  });

  it('every phone that is there runs it afterwards; one that is away is pending, and follows (PROV-12, PROF-32)', async () => {
    const away = VENDORS.map(first);
    for (const mac of away) fleet.lab.powerOff(mac);
    const { summary, results } = await finished(
      fleet.phonectl.pushes.push({ selector: { all: true }, timeout: 60, attempts: 1 }),
    );
    assert.deepEqual(
      results.filter(({ result, device }) => result !== (away.includes(device) ? 'pending' : 'success')),
      [],
    );
    assert.deepEqual([summary.success, summary.pending, summary.failure], [12, 3, 0]);
    for (const mac of fleet.macs) assert.equal(runs(mac) === '900', !away.includes(mac), mac);
    const pending = (await drift()).filter(({ state }) => state === 'pending');
    assert.deepEqual(pending.map(({ device }) => device).sort(), away.toSorted());

    for (const mac of away) fleet.lab.powerOn(mac);
    await fleet.settled(away);
    for (const mac of away) assert.equal(runs(mac), '900');
    await until(async () => (await drift()).every(({ state }) => state !== 'pending'));
    const states = (await drift()).map(({ vendor, state }) => `${vendor} ${state}`);
    assert.deepEqual([...new Set(states)].sort(), ['cisco running', 'poly running', 'yealink served']);
    const { status, stderr } = await runCli(['config', 'drift', '--exit-code'], { env: fleet.home.env });
    assert.equal(status, 0, stderr);
  });

  it('a value set at a phone itself is drift: named, with its layer and the command that clears it', async () => {
    const poly = first('poly');
    await fleet.lab.setLocal(poly, NAMES.poly, '111');
    const [found] = await drift(poly);
    assert.equal(found?.state, 'differs');
    assert.deepEqual(found?.differences, [{ param: NAMES.poly, desired: '900', running: '111', layer: 'web' }]);
    assert.equal(found?.clear, `phonectl device reset ${poly} --scope web`);
    const { status, stdout } = await runCli(['config', 'drift', '--exit-code', '--json'], { env: fleet.home.env });
    assert.equal(status, 20);
    const { summary, results } = JSON.parse(stdout);
    assert.equal(summary.differs, 1);
    assert.deepEqual(
      results.map(({ device }: ConfigStatus) => device),
      [poly],
    );
    const [listed] = await Array.fromAsync(fleet.phonectl.devices.list({ search: poly }));
    assert.equal(listed?.attention, 'overrides 1 parameter itself');
    const [known] = await Array.fromAsync(fleet.phonectl.pushes.status({ selector: { refs: [poly] } }));
    assert.equal(known?.state, 'differs');
  });

  it('REST-07: explain says what the phone itself sets, beside what it is given and where nothing is', async () => {
    const poly = first('poly');
    await fleet.lab.setLocal(poly, 'up.backlight.timeout', '7');
    const params = [NAMES.poly, 'up.backlight.timeout'];
    const [given, own] = await fleet.phonectl.configs.explain({ device: poly, params });
    assert.deepEqual([given?.value, given?.layer, given?.overridden?.value], ['900', 'global', '111']);
    assert.ok(Date.parse(given?.overridden?.at ?? '') > Date.now() - 60_000);
    const source = 'its own web settings';
    assert.deepEqual(own, { param: 'up.backlight.timeout', value: '7', layer: 'phone', source, beaten: [] });
    const { stdout } = await runCli(['config', 'explain', poly, ...params], { env: fleet.home.env });
    assert.match(stdout, /The phone itself has 111: its own web settings, as it uploaded them at /);
    assert.match(stdout, /7 +phone "its own web settings"/);
  });

  it('a push does not call it a success when the phone overrides what it was given', async () => {
    const yealink = first('yealink');
    await fleet.lab.setLocal(yealink, NAMES.yealink, '222');
    const { results } = await finished(fleet.phonectl.pushes.push({ selector: { refs: [yealink] }, timeout: 60 }));
    assert.equal(results[0]?.result, 'failure');
    assert.match(results[0]?.reason ?? '', /its own settings override account\.1\.sip_server\.1\.expires; clear them/);
  });

  it('what differs in a secret is said without the secret', async () => {
    const yealink = fleet.macs.filter((mac) => fleet.lab.phone(mac).vendor === 'yealink')[1]!;
    await fleet.lab.setLocal(yealink, 'account.1.password', 'typed-at-the-phone');
    const found = await drift(yealink);
    assert.deepEqual(found[0]?.differences, [
      { param: 'account.1.password', desired: '********', running: '********', layer: 'local' },
    ]);
    assert.ok(!JSON.stringify(found).includes('typed-at-the-phone'));
  });

  it('config diff --against running: what a phone of each vendor runs beside what it should, alike ones as a group', async () => {
    const [poly, yealink, cisco] = VENDORS.map(first);
    await fleet.lab.setLocal(cisco!, 'Register_Expires_1_', '333');
    const selector = { refs: [poly!, yealink!, cisco!] };
    const { summary, groups, unknown } = await fleet.phonectl.configs.diff({ selector, against: 'running' });
    assert.deepEqual([summary, unknown], [{ devices: 3, same: 0, different: 3, unknown: 0 }, []]);
    const found = groups.map(({ devices, changes }) => [
      devices.length,
      changes.map(({ param, before, after }) => [param, before?.value, before?.layer, after?.value, after?.layer]),
    ]);
    const expected = [
      [1, [[NAMES.poly, '111', 'web', '900', 'global']]],
      [1, [[NAMES.yealink, '222', 'local', '900', 'global']]],
      [1, [['Register_Expires_1_', '333', 'phone', '900', 'global']]],
    ];
    assert.deepEqual(found.sort(byText), expected.sort(byText));
    const { status, stdout } = await runCli(['config', 'diff', poly!, '--against', 'running', '--exit-code'], {
      env: fleet.home.env,
    });
    assert.equal(status, 20);
    assert.match(stdout, /voIpProt\.server\.1\.expires.*111.*900/);
  });

  it('a phone that hangs holds up nobody: all others are known while it is still asked', async () => {
    const hanging = first('poly');
    const phone = fleet.lab.phone(hanging);
    const stop = new AbortController();
    phone.faults = { hang: true };
    const others = new Set<string>();
    const looks = fleet.phonectl.pushes.drift({ selector: { all: true }, concurrency: 3 }, { signal: stop.signal });
    for await (const { device } of looks) {
      assert.notEqual(device, hanging, `only ${others.size} of 14 were known`);
      others.add(device);
      if (others.size === 14) break;
    }
    assert.equal(others.size, 14);
    stop.abort();
    phone.faults = {};
  });

  it('drift that is gone takes its note with it', async () => {
    const poly = first('poly');
    fleet.lab.phone(poly).parameters.clear('web');
    const [found] = await drift(poly);
    assert.equal(found?.state, 'running');
    const [listed] = await Array.fromAsync(fleet.phonectl.devices.list({ search: poly }));
    assert.equal(listed?.attention, null);
  });
});

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
