import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import { openStore } from '../../src/store/store.ts';

describe('store', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-store-'));
    path = join(folder, 'phonectl.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function create(lockTimeout?: number) {
    const store = openStore({ path, create: true, ...(lockTimeout !== undefined && { lockTimeout }) });
    store.raw.writer.exec("INSERT OR IGNORE INTO enterprise (id, name, created_at) VALUES (1, 'Acme', 0)");
    return store;
  }

  it('is made readable by its owner only (F-32)', async () => {
    const store = create();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await store.close();
  });

  it('says no_home when there is none', () => {
    assert.throws(() => openStore({ path }), withCode('no_home'));
  });

  it('says damaged for a file that is no database', () => {
    writeFileSync(path, 'not a database, but long enough to look like one'.repeat(40));
    assert.throws(() => openStore({ path }), withCode('damaged'));
  });

  it('refuses a store of a newer schema and leaves it as it is', async () => {
    const store = create();
    store.raw.writer.exec('PRAGMA user_version = 9999');
    await store.close();
    assert.throws(() => openStore({ path }), withCode('newer_schema'));
    const database = new DatabaseSync(path);
    assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 9999);
    database.close();
  });

  it('keeps nothing of a transaction that fails', async () => {
    const store = create();
    await assert.rejects(
      store.transaction(async ({ settings }) => {
        await settings.set('company', 'Acme');
        throw new Error('half-way');
      }),
      /half-way/,
    );
    assert.equal(await store.read.settings.get('company'), undefined);
    await store.close();
  });

  it('runs transactions one after the other, also after a failed one', async () => {
    const store = create();
    await store.transaction(({ settings }) => settings.set('counter', 0));
    const increments = Array.from({ length: 50 }, (_, index) =>
      store.transaction(async ({ settings }) => {
        const counter = (await settings.get<number>('counter')) ?? 0;
        await new Promise((resolve) => setImmediate(resolve));
        await settings.set('counter', counter + 1);
        if (index % 10 === 9) throw new Error('every tenth fails');
      }),
    );
    const results = await Promise.allSettled(increments);
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 5);
    assert.equal(await store.read.settings.get('counter'), 45);
    await store.close();
  });

  it('says locked when another process holds the store', async () => {
    const store = create(50);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(
      store.transaction(({ settings }) => settings.set('company', 'Acme')),
      withCode('locked'),
    );
    assert.equal(await store.read.settings.get('company'), undefined, 'reading goes on meanwhile');
    other.exec('ROLLBACK');
    other.close();
    await store.transaction(({ settings }) => settings.set('company', 'Acme'));
    assert.equal(await store.read.settings.get('company'), 'Acme');
    await store.close();
  });

  it('waits for another process without holding up its own (F-05)', async () => {
    const store = create(2_000);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    setTimeout(() => {
      other.exec('ROLLBACK');
      other.close();
    }, 300);
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 10);
    await store.transaction(({ settings }) => settings.set('company', 'Acme'));
    clearInterval(ticking);
    assert.ok(ticks > 10, `the event loop turned ${ticks} times in 300 ms`);
    await store.close();
  });

  it('shows a change of its version when another process has written', async () => {
    const store = create();
    const before = store.version();
    assert.equal(store.version(), before);
    const other = openStore({ path });
    await other.transaction(({ settings }) => settings.set('company', 'Acme'));
    assert.notEqual(store.version(), before);
    await other.close();
    await store.close();
  });

  it('lists settings by prefix', async () => {
    const store = create();
    await store.transaction(async ({ settings }) => {
      await settings.set('provisioning.url', 'https://a/');
      await settings.set('provisioning.poll', { window: '03:00-05:00' });
      await settings.set('provisioningx', 1);
      await settings.set('company', 'Acme');
    });
    const listed = await store.read.settings.list('provisioning.');
    assert.deepEqual(
      listed.map(([name]) => name),
      ['provisioning.poll', 'provisioning.url'],
    );
    await store.close();
  });
});

function withCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isPhonectlError(error), String(error));
    assert.equal(error.code, code);
    return true;
  };
}
