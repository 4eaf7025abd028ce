import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlain } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { post } from '../../src/net/outside.ts';
import { authorityCertificate } from '../../src/sdk/certificates/authority.ts';
import { readIdentities } from '../../src/sdk/certificates/identity.ts';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Callback } from '../../src/sdk/keys/callback-addresses.ts';
import { isOutside } from '../../src/sdk/keys/callback-targets.ts';
import { callBack, PAUSES } from '../../src/sdk/keys/callbacks.ts';
import type { NewKey } from '../../src/sdk/keys/keys.ts';
import { makeHome, type TestHome } from '../support/home.ts';

interface Received {
  readonly headers: Record<string, string>;
  readonly body: { type: string; data: { name?: string; state?: string } };
  readonly text: string;
}

describe('callbacks of access keys (KEY-02)', function () {
  this.timeout(30_000);
  let home: TestHome;
  let installation: Installation;
  let receiver: Server;
  let url: string;
  let ca: string;
  let answers: number[];
  const received: Received[] = [];
  const time = { ahead: 0 };

  before(async () => {
    home = await makeHome({ certificates: true });
    const opened = await openInstallation({ home: home.path });
    const clock = { now: () => Date.now() + time.ahead, monotonic: () => performance.now() };
    installation = { ...opened, clock };
    ca = authorityCertificate(opened.home)!;
    const { identities, passphrase } = readIdentities(opened.home, opened.secrets);
    const { key: privateKey, chain } = identities.at(-1)!;
    receiver = createServer({ key: privateKey, cert: chain, passphrase }, async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      received.push({ headers: request.headers as Record<string, string>, body: JSON.parse(text), text });
      response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}/phones`;
    const { phonectl } = home;
    await phonectl.sites.add({ sites: [{ name: 'HQ' }, { name: 'Branch' }] });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2aaaa01', name: 'lobby', site: 'HQ', model: 'VVX 450' },
        { mac: '0004f2aaaa02', name: 'bar', site: 'Branch', model: 'VVX 450' },
      ],
    });
    await phonectl.roles.add({ name: 'hq', permissions: ['task:read'], sites: ['HQ'] });
  });
  beforeEach(() => {
    answers = [];
    received.length = 0;
    time.ahead = 0;
  });
  afterEach(async () => {
    for await (const { id, state } of home.phonectl.keys.list({})) {
      if (state === 'active') await home.phonectl.keys.revoke({ key: id });
    }
  });
  after(async () => {
    receiver.close();
    await installation.store.close();
    await home.remove();
  });

  const deliver = (open: readonly string[] = ['127.0.0.0/8']): Promise<number> =>
    callBack(installation, new AbortController().signal, { open, ca, onTrouble: assert.fail });
  let keys = 0;
  async function key(role = 'hq', callback = url): Promise<NewKey> {
    keys += 1;
    return await home.phonectl.keys.create({ name: `crm ${keys}`, roles: [role], callback });
  }
  async function endTask(device: string, name: string): Promise<void> {
    for await (const _ of home.phonectl.control.reboot({ selector: { refs: [device] }, name, wait: true }));
  }
  async function newest(name: string): Promise<Callback> {
    for await (const callback of home.phonectl.keys.callbacks({ key: name, limit: 1 })) return callback;
    throw new Error('There is none.');
  }
  /** As the specification of Standard Webhooks says it, from the secret alone. */
  function expectedSignature(secret: string, { headers, text }: Received): string {
    const hmac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'));
    return `v1,${hmac.update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64')}`;
  }

  it('says that a task ended, signed, to the keys that may see it and to no other', async () => {
    const mine = await key();
    const blind = await key('empty');
    await endTask('lobby', 'mine');
    await endTask('bar', 'theirs');
    assert.equal(await deliver(), 4);
    assert.deepEqual(
      received.map(({ body }) => [body.type, body.data.name, body.data.state]),
      [['task.ended', 'mine', 'done']],
    );
    assert.equal(received[0]!.headers['webhook-signature'], expectedSignature(mine.callbackSecret!, received[0]!));
    assert.ok(Math.abs(Number(received[0]!.headers['webhook-timestamp']) - Date.now() / 1000) < 60);
    assert.equal((await newest(blind.name)).state, 'not-allowed');
    assert.equal(await deliver(), 0, 'once');
  });

  it('tries again after a while, under the same id, and gives up after a day and a half', async () => {
    const { name } = await key();
    answers = [500, 302, 200];
    await endTask('lobby', 'again');
    await deliver();
    const first = await newest(name);
    assert.deepEqual([first.state, first.attempts, first.problem], ['waiting', 1, 'It answered 500.']);
    assert.equal(await deliver(), 0, 'not before its time');
    time.ahead += PAUSES[0]! + 1000;
    await deliver();
    assert.equal((await newest(name)).problem, 'It answered 302.');
    time.ahead += PAUSES[1]! + 1000;
    await deliver();
    assert.deepEqual([(await newest(name)).state, (await newest(name)).attempts], ['delivered', 3]);
    assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 1);
    answers = Array.from({ length: 20 }, () => 503);
    await endTask('lobby', 'never');
    for (const wait of [0, ...PAUSES]) {
      time.ahead += wait + 1000;
      await deliver();
    }
    assert.deepEqual([(await newest(name)).state, (await newest(name)).attempts], ['failed', PAUSES.length + 1]);
  });

  it('signs with both secrets while both are good, and with the new one after that', async () => {
    const old = await key();
    const renewed = await home.phonectl.keys.rotate({ key: old.id, grace: '60m' });
    assert.notEqual(renewed.callbackSecret, old.callbackSecret);
    await home.phonectl.keys.ping({ key: old.id });
    await deliver();
    const [both] = received;
    const signed = both!.headers['webhook-signature']!.split(' ');
    assert.deepEqual(
      signed,
      [renewed, old].map((each) => expectedSignature(each.callbackSecret!, both!)),
    );
    time.ahead += 3_700_000;
    await home.phonectl.keys.ping({ key: old.id });
    await deliver();
    assert.equal(received[1]!.headers['webhook-signature'], expectedSignature(renewed.callbackSecret!, received[1]!));
  });

  it('are delivered by serve, within seconds', async () => {
    const { name } = await key();
    const stop = new AbortController();
    const input = { listen: ['127.0.0.1:0'], callbackTo: ['127.0.0.0/8'], callbackCa: ca };
    const serving = home.phonectl.servers.run(input, { signal: stop.signal })[Symbol.asyncIterator]();
    await serving.next();
    await home.phonectl.keys.ping({ key: name });
    while ((await newest(name)).state === 'waiting') await wait(50);
    stop.abort();
    while (!(await serving.next()).done);
    assert.equal((await newest(name)).state, 'delivered');
    assert.deepEqual(
      received.map(({ body }) => body.type),
      ['ping'],
    );
  });

  it('says nothing for a key that is revoked, or whose address was taken away', async () => {
    const gone = await key();
    const mute = await key();
    await home.phonectl.keys.ping({ key: gone.id });
    await home.phonectl.keys.ping({ key: mute.id });
    await home.phonectl.keys.revoke({ key: gone.id });
    await home.phonectl.keys.edit({ key: mute.id, callback: '' });
    await deliver();
    assert.deepEqual(received, []);
    await assert.rejects(home.phonectl.keys.ping({ key: mute.id }), { code: 'conflict' });
  });

  describe('leads nowhere that it should not (F-12)', () => {
    it('by default not to this machine: nothing connects, and the key says why', async () => {
      const { name } = await key();
      await home.phonectl.keys.ping({ key: name });
      let connections = 0;
      const count = (): void => {
        connections += 1;
      };
      receiver.on('connection', count);
      await deliver([]);
      receiver.off('connection', count);
      assert.equal(connections, 0);
      const { state, problem } = await newest(name);
      assert.equal(state, 'not-allowed');
      assert.match(problem!, /127\.0\.0\.1/);
    });

    it('in no spelling of an address, nor through a name', async () => {
      let connections = 0;
      const canary = createPlain().listen(0);
      canary.on('connection', () => {
        connections += 1;
      });
      await once(canary, 'listening');
      const { port } = canary.address() as AddressInfo;
      const hosts = [
        ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.255.255.254', '0', '0.0.0.0'],
        ...['localhost', 'LOCALHOST', '①②⑦.0.0.1', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
        ...['[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
        ...['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200'],
        ...['168.63.129.16', '192.0.0.192', '224.0.0.1', '255.255.255.255', '[ff02::1]'],
      ];
      for (const host of hosts) {
        const attempt = post({
          url: `https://${host}:${port}/`,
          headers: {},
          body: '{}',
          allowed: (address) => isOutside(address, []),
          signal: AbortSignal.timeout(2_000),
        });
        await assert.rejects(attempt, { code: 'forbidden' }, host);
      }
      canary.close();
      assert.equal(connections, 0);
    });

    it('but to private networks, where integrators are, and to the internet', () => {
      for (const address of ['10.20.0.7', '192.168.1.5', '172.16.0.1', '203.0.113.9', 'fd12::5', '2606:4700::1111']) {
        assert.ok(isOutside(address, []), address);
      }
      assert.ok(isOutside('169.254.7.7', ['169.254.7.0/24']));
      assert.ok(!isOutside('169.254.8.7', ['169.254.7.0/24']));
    });

    it('and only over https, without a name and password in it', async () => {
      for (const wrong of ['http://crm.example.net/', 'https://u:p@crm.example.net/', 'file:///etc/passwd', 'crm']) {
        await assert.rejects(key('hq', wrong), { code: 'invalid_input' }, wrong);
      }
    });
  });
});
