import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Caller, callStream, callValue, type Installation } from '../../src/sdk/door.ts';
import { type AnyOperation, operation, streamOperation } from '../../src/sdk/operation.ts';
import { systemClock } from '../../src/sdk/ports/clock.ts';
import { newKeyFile, parseKeyFile, secretBox } from '../../src/store/secrets.ts';
import { openStore, type SqliteStore } from '../../src/store/store.ts';

describe('the door', () => {
  let folder: string;
  let store: SqliteStore;
  let installation: Installation;
  const owner: Caller = {
    actor: { kind: 'local', name: 'ada', source: 'local' },
    scope: 'all',
    permissions: ['*'],
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-door-'));
    store = openStore({ path: join(folder, 'phonectl.db'), create: true });
    store.raw.writer.exec("INSERT INTO enterprise (id, name, created_at) VALUES (1, 'Acme', 0)");
    installation = {
      store,
      secrets: secretBox(parseKeyFile(newKeyFile(), 'test')),
      home: { path: folder, file: (...segments) => join(folder, ...segments) },
      clock: { ...systemClock, now: () => 1_000 },
      enterpriseId: 1,
    };
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rename = operation({
    summary: 'Renames the company.',
    permission: 'company:edit',
    effect: 'write',
    input: v.strictObject({ name: v.string(), dryRun: v.optional(v.boolean(), false) }),
    async run(context, { name, dryRun }) {
      if (dryRun) return 'would rename';
      return context.write(async ({ settings }) => {
        await settings.set('company', name);
        return ['renamed', { object: 'company', result: 'done', details: { name } }];
      });
    },
  });

  const call = (operation: AnyOperation, input: unknown, caller: Caller = owner) =>
    callValue(installation, { name: 'company.rename', operation, input, caller });

  async function log() {
    return Array.fromAsync(store.read.log.list({}));
  }

  it('runs a write and records who did what', async () => {
    assert.equal(await call(rename, { name: 'Acme' }), 'renamed');
    const [entry] = await log();
    assert.equal(entry?.operation, 'company.rename');
    assert.deepEqual([entry?.actor, entry?.source, entry?.object, entry?.at], ['ada', 'local', 'company', 1_000]);
    assert.deepEqual(entry?.details, { name: 'Acme' });
  });

  it('undoes the effect when it cannot be recorded', async () => {
    store.raw.writer.exec('DROP TABLE operation_log');
    await assert.rejects(call(rename, { name: 'Acme' }));
    assert.equal(await store.read.settings.get('company'), undefined);
  });

  it('lets a dry run pass without a record, and nothing else', async () => {
    assert.equal(await call(rename, { name: 'Acme', dryRun: true }), 'would rename');
    assert.deepEqual(await log(), []);
    const silent = operation({ ...rename, run: async () => 'nothing recorded' });
    await assert.rejects(call(silent, { name: 'Acme' }), { code: 'unrecorded_write' });
  });

  it('records a read that reveals', async () => {
    const reveal = operation({
      summary: 'Shows a secret.',
      permission: 'account:read',
      effect: 'read',
      input: v.strictObject({ reveal: v.boolean() }),
      reveals: ({ reveal }) => reveal,
      run: async () => 'secret',
    });
    assert.equal(await call(reveal, { reveal: false }), 'secret');
    await assert.rejects(call(reveal, { reveal: true }), { code: 'unrecorded_write' });
  });

  it('refuses without the permission, before it looks at the input', async () => {
    const helpdesk: Caller = { ...owner, permissions: ['device:read', 'company:read'] };
    await assert.rejects(call(rename, { nonsense: true }, helpdesk), { code: 'forbidden' });
    await call(rename, { name: 'x' }, { ...owner, permissions: ['company:*'] });
  });

  it('names every problem of an input, and refuses unknown keys', async () => {
    await assert.rejects(call(rename, { name: 7, colour: 'red' }), (error: Error) => {
      assert.match(error.message, /name: /);
      assert.match(error.message, /colour/);
      return true;
    });
  });

  it('streams, and stops when the reader does', async () => {
    let produced = 0;
    const numbers = streamOperation({
      summary: 'Counts.',
      permission: 'number:read',
      effect: 'read',
      input: v.strictObject({}),
      async *run() {
        for (;;) yield ++produced;
      },
    });
    for await (const number of callStream(installation, {
      name: 'number.list',
      operation: numbers,
      input: {},
      caller: owner,
    })) {
      if (number === 3) break;
    }
    assert.equal(produced, 3);
  });

  it('links the entries of the log, so that a changed one shows (F-16)', async () => {
    await call(rename, { name: 'One' });
    await call(rename, { name: 'Two' });
    const hashes = (await log()).map(({ hash }) => hash);
    assert.equal(new Set(hashes).size, 2);
    assert.ok(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)));
  });
});
