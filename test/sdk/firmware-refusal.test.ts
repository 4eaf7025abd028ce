/** A Cisco phone that says in its syslog that it could not take firmware is not waited for any longer. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Installation } from '../../src/sdk/door.ts';
import { PhonectlError } from '../../src/sdk/errors.ts';
import { firmwareAction } from '../../src/sdk/firmware/action.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Evidence, EvidenceKind } from '../../src/sdk/ports/evidence.ts';
import type { FactWriter } from '../../src/sdk/ports/facts.ts';
import { startSyslogReceiver } from '../../src/server/syslog/start.ts';
import type { TaskAction } from '../../src/tasks/action.ts';
import { upgradeFailure } from '../../src/vendors/cisco/events.ts';
import type { DeviceTransport } from '../../src/vendors/transport.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { bytes } from '../support/streams.ts';

const MAC = '00562b000001';
const LINE = '<134>Nov 22 02:00:00 CP-8841-3PCC 00:56:2b:00:00:01 -- Upgrade failed: corrupt image';
const never = new AbortController().signal;

describe('firmware that a Cisco phone says it could not take', () => {
  let home: TestHome;
  let installation: Installation;
  let deviceId: number;
  let facts: FactWriter;
  beforeEach(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({ devices: [{ mac: MAC, model: '8841', vendor: 'cisco' }] });
    await home.phonectl.firmware.add({ source: bytes('image'), file: 'sip88xx.12-0-7MPP0201-66.loads' });
    installation = await openInstallation({ home: home.path });
    deviceId = (await installation.store.read.devices.match(MAC, 'all'))[0]?.id ?? assert.fail();
    // Where it was seen last.
    facts = await installation.store.factWriter();
    facts.note({
      type: 'seen',
      deviceId,
      at: Date.now(),
      address: '127.0.0.7',
      vendor: 'cisco',
      model: '8841',
      firmware: '12.0.5',
    });
    await until(async () => facts.statistics().pending === 0);
  });
  afterEach(async () => {
    await facts.close();
    await installation.store.close();
    await home.remove();
  });

  const reported = (): Promise<readonly Evidence[]> =>
    installation.store.read.evidence.after(0, { kinds: ['report'], limit: 10 });

  it('is read from its syslog, in the words of its default', () => {
    assert.equal(upgradeFailure(LINE), 'corrupt image');
    assert.equal(upgradeFailure('CP-8841-3PCC 00:56:2b:00:00:01 -- Upgrade failed: '), 'without a reason');
    assert.equal(upgradeFailure('CP-8841-3PCC 00:56:2b:00:00:01 -- Successful upgrade https://x/ -- done'), undefined);
  });

  it('is believed of the address where the phone was seen, and of no other', async () => {
    await using receiver = await startSyslogReceiver(installation, {
      plain: { host: '127.0.0.1', port: 0 },
      note: (fact) => facts.note(fact),
      onTrouble: (message) => assert.fail(message),
    });
    const port = receiver.addresses[0]?.port ?? assert.fail();
    async function say(line: string, from: string): Promise<void> {
      const before = receiver.statistics.received;
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, from, resolve));
      socket.send(line, port, '127.0.0.1');
      await until(async () => receiver.statistics.received > before);
      socket.close();
    }
    await say(LINE, '127.0.0.8');
    await say(LINE.replace('failed', 'foiled'), '127.0.0.7');
    await say(LINE, '127.0.0.7');
    await until(async () => (await reported()).length > 0);
    assert.deepEqual(
      (await reported()).map(({ address, detail }) => [address, detail]),
      [['127.0.0.7', { event: 'upgrade-failed', reason: 'corrupt image' }]],
    );
  });

  it('ends its part of a rollout at once, if it knew of the image by then', async () => {
    const [image] = await Array.fromAsync(home.phonectl.firmware.list({}));
    assert.ok(image);
    const away: DeviceTransport = { http: gone, notify: gone };
    const input = { images: [image.id], target: image.name, away: 'fails' as const };
    const action: TaskAction = firmwareAction(
      { ...installation, scope: 'all' },
      away,
      async () => ({ outcome: 'accepted', via: 'sip' }),
      input,
      { taskId: await task(), runId: 1, skip: false, force: false },
    );
    assert.equal((await action.attempt(deviceId, never)).outcome, 'accepted');
    const failure = evidence('report', { event: 'upgrade-failed', reason: 'corrupt image' });
    assert.equal(action.proof(failure), undefined);
    assert.equal(action.suggests?.(failure), false, 'it speaks of what it was given before');
    action.proof(evidence('fetch', { firmware: '12.0.5' }));
    action.proof(failure);
    assert.equal(action.suggests?.(failure), true, 'now is the time to look');
    assert.deepEqual(await action.probe?.(deviceId, 1000, never), {
      done: false,
      final: true,
      code: 'refused',
      seen: 'it says that it could not take 12.0.7MPP0201-66: corrupt image',
    });
  });

  async function until(what: () => Promise<boolean>): Promise<void> {
    for (let look = 0; !(await what()); look += 1) {
      assert.ok(look < 1000, 'not within five seconds');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function gone(): Promise<never> {
    throw new PhonectlError('unreachable', 'Nobody answers.', { details: { sent: false } });
  }

  /** What is given refers to the run that gives it. */
  async function task(): Promise<number> {
    const made = await Array.fromAsync(home.phonectl.control.checkSync({ selector: { all: true }, wait: false }));
    return made.flatMap((event) => (event.type === 'started' ? [event.task] : []))[0] ?? assert.fail();
  }

  function evidence(kind: EvidenceKind, detail: Readonly<Record<string, unknown>>): Evidence {
    return { id: 9, deviceId, at: Date.now(), kind, address: '127.0.0.7', detail };
  }
});
