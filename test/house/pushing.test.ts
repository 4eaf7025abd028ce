/** `--push` is on every command that changes what phones are given, and its table names what there is. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPhonectl, loadOperations } from '../../src/sdk/index.ts';
import type { OperationTable } from '../../src/sdk/operation.ts';
import { SHAPERS, shapingOf } from '../../src/sdk/push/shaping.ts';
import { loadCommands, ROOT } from '../../tools/catalogue.ts';

/** Commands that call such an operation and have no --push. */
const WITHOUT: Readonly<Record<string, string>> = {};

describe('--push', () => {
  let operations: OperationTable;

  before(async () => {
    operations = await loadOperations();
  });

  it('stands for writes that exist, with a dry run', () => {
    for (const { noun, verbs } of Object.values(SHAPERS)) {
      for (const verb of Object.keys(verbs)) {
        const operation = operations.get(`${noun}.${verb}`);
        assert.ok(
          operation !== undefined && operation.kind === 'value' && operation.effect !== 'read',
          `${noun}.${verb}`,
        );
        const { entries } = operation.input as unknown as { entries: Record<string, unknown> };
        assert.ok('dryRun' in entries, `${noun}.${verb} has no dry run`);
        assert.ok(shapingOf(`${noun}.${verb}`));
      }
    }
  });

  it('stands for namespaces of the SDK by their names', async () => {
    await using phonectl = createPhonectl({ home: '/nonexistent/phonectl-test-home' });
    for (const namespace of Object.keys(SHAPERS)) assert.ok(namespace in phonectl, namespace);
  });

  it('is a flag of every command that calls one of them', async () => {
    const flags = new Map((await loadCommands()).map(({ id, flags }) => [id, flags]));
    const calls = Object.entries(SHAPERS).flatMap(([namespace, { verbs }]) =>
      Object.keys(verbs).map((verb) => `${namespace}.${verb}`),
    );
    const without = globSync('src/commands/**/*.ts', { cwd: ROOT }).flatMap((file) => {
      const source = readFileSync(join(ROOT, file), 'utf8');
      const id = file.slice('src/commands/'.length, -3).replaceAll('/', ':');
      const called = calls.find((call) => new RegExp(`\\b${call.replace('.', '\\.')}\\(`).test(source));
      return called === undefined || 'push' in (flags.get(id) ?? {}) || id in WITHOUT ? [] : [`${id}: ${called}`];
    });
    assert.deepEqual(without, []);
  });
});
