/** What phones report while the store takes no writes: kept, in order, and written once (security.md F-01, F-05). */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fact } from '../../src/sdk/ports/facts.ts';
import { ThreadFactWriter } from '../../src/store/facts/writer.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { type TaskFixture, taskFixture } from '../tasks/support.ts';

describe('facts of a store that is locked', () => {
  let fixture: TaskFixture;
  let writer: ThreadFactWriter;
  beforeEach(async () => {
    fixture = await taskFixture(3);
    // 50 ms stand for the ten seconds that a batch waits.
    writer = new ThreadFactWriter(fixture.path, 50);
  });
  afterEach(async () => {
    await writer.close();
    await fixture.close();
  });

  const boot = (deviceId: number, number: number): Fact => ({
    type: 'evidence',
    evidence: { deviceId, at: Date.now(), kind: 'boot', address: null, detail: { number } },
  });

  async function until(what: () => boolean): Promise<void> {
    const end = Date.now() + 8000;
    while (!what()) {
      assert.ok(Date.now() < end, JSON.stringify(writer.statistics()));
      await sleep(10);
    }
  }

  it('F-05: nothing of it is lost or doubled, and what came late is marked', async () => {
    writer.note(boot(1, 1));
    await until(() => writer.statistics().written === 1);
    const holder = openDatabase({ path: fixture.path });
    holder.exec('BEGIN IMMEDIATE');
    writer.note(boot(2, 2));
    await until(() => writer.statistics().trouble !== undefined);
    writer.note(boot(3, 3));
    assert.deepEqual([writer.statistics().pending, writer.statistics().dropped], [2, 0]);
    const waiting = assert.rejects(writer.bindEnrolment({ deviceId: 1, address: '10.0.0.1', at: 1 }), {
      code: 'locked',
    });
    await waiting;
    holder.exec('ROLLBACK');
    holder.close();
    await until(() => writer.statistics().written === 3);
    assert.deepEqual(writer.statistics(), { pending: 0, written: 3, dropped: 0, trouble: undefined });
    writer.note(boot(1, 4));
    await until(() => writer.statistics().written === 4);
    const rows = await fixture.store.read.evidence.after(0, { limit: 10 });
    assert.deepEqual(
      rows.map(({ deviceId, detail }) => [deviceId, detail]),
      [
        [1, { number: 1 }],
        [2, { number: 2, kept: true }],
        [3, { number: 3, kept: true }],
        [1, { number: 4 }],
      ],
    );
  });

  it('that a phone was seen again and again takes one place', async () => {
    // No address moves these phones.
    fixture.store.raw.writer.exec("UPDATE device SET site_mode = 'pinned'");
    const holder = openDatabase({ path: fixture.path });
    holder.exec('BEGIN IMMEDIATE');
    writer.note(boot(1, 1));
    await until(() => writer.statistics().trouble !== undefined);
    for (let second = 0; second < 2; second += 1) {
      for (let times = 0; times < 100; times += 1) {
        const seen = { vendor: 'poly', model: 'VVX 450', firmware: `6.4.${second}` } as const;
        writer.note({ type: 'seen', deviceId: 1 + (times % 2), at: Date.now(), address: '10.0.0.1', ...seen });
      }
    }
    await sleep(1300);
    assert.equal(writer.statistics().pending, 3);
    holder.exec('ROLLBACK');
    holder.close();
    await until(() => writer.statistics().written === 3);
    const devices = await Array.fromAsync(fixture.store.read.devices.list({ scope: 'all', onlineSince: 0 }));
    assert.deepEqual(
      devices.map(({ facts }) => facts.firmware),
      ['6.4.1', '6.4.1', null],
    );
  });

  it('what cannot be kept any longer, because the server ends, is counted', async () => {
    const holder = openDatabase({ path: fixture.path });
    holder.exec('BEGIN IMMEDIATE');
    writer.note(boot(1, 1));
    await writer.close();
    assert.equal(writer.statistics().dropped, 1);
    holder.exec('ROLLBACK');
    holder.close();
  });
});
