/** What `serve` does with tasks while somebody else holds the store: it says so once, and goes on by itself. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOrphanedTasks } from '../../src/sdk/control/background.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { openStore } from '../../src/store/store.ts';
import { makeHome } from '../support/home.ts';

describe('tasks: a server whose store is locked', () => {
  it('F-05: begins again by itself, at once and not when a lease is over', async function () {
    this.timeout(20_000);
    await using home = await makeHome();
    const devices = Array.from({ length: 30 }, (_, index) => ({ mac: `0004f20000${index + 10}`, model: 'VVX 450' }));
    await home.phonectl.devices.add({ devices });
    const installation = await openInstallation({ home: home.path });
    await installation.store.close();
    const path = installation.home.file('phonectl.db');
    // 150 ms stand for the ten seconds that a process waits.
    await using store = disposable(openStore({ path, lockTimeout: 150 }));
    const stop = new AbortController();
    const trouble: string[] = [];
    const context = { ...installation, store: store.value, scope: 'all' as const };
    const serving = runOrphanedTasks(context, stop.signal, (message) => trouble.push(message));
    const holder = openDatabase({ path });
    // Nothing is sent to the phones: they are left to their next poll.
    const wish = { selector: { all: true }, skip: true, wait: false, concurrency: 1 };
    const events = await Array.fromAsync(home.phonectl.control.checkSync(wish));
    const task = events.flatMap((event) => (event.type === 'started' ? [event.task] : []))[0] ?? assert.fail();
    const finished = async (): Promise<number> => (await home.phonectl.tasks.show({ task })).counters.skipped;
    await until(async () => (await finished()) > 0);
    holder.exec('BEGIN IMMEDIATE');
    const before = await finished();
    assert.ok(before < 30, 'it was through before the store was locked');
    await until(async () => trouble.length > 0);
    await sleep(500);
    assert.equal(await finished(), before);
    holder.exec('ROLLBACK');
    holder.close();
    // Nobody waits for the end of a lease of twenty seconds.
    await until(async () => (await finished()) === 30);
    stop.abort();
    await serving;
    assert.deepEqual(new Set(trouble), new Set(trouble.filter((message) => message.includes('holds the store'))));
    assert.ok(trouble.some((message) => message.startsWith(`Task ${task} stopped and is tried again by itself: `)));
    assert.equal(trouble.length, new Set(trouble).size, 'the same is told once');
  });
});

function disposable<T extends { close(): Promise<void> }>(value: T): AsyncDisposable & { readonly value: T } {
  return { value, [Symbol.asyncDispose]: () => value.close() };
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await what())) {
    assert.ok(Date.now() < end, 'not within ten seconds');
    await sleep(2);
  }
}
