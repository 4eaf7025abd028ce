import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, runCli, withFolder } from './harness.ts';

function run(folder: string, argv: readonly string[], env: Record<string, string> = {}): Promise<RunResult> {
  return runCli(argv, { env: { XDG_CONFIG_HOME: folder, ...env } });
}

describe('preferences', () => {
  it('are defaults: a variable beats them, a flag beats both', async () => {
    await withFolder(async (folder) => {
      assert.equal((await run(folder, ['preference', 'set', 'output', 'name'])).status, 0);
      assert.equal(statSync(join(folder, 'phonectl/preferences.json')).mode & 0o777, 0o600);
      const names = await run(folder, ['preference', 'list']);
      assert.equal(names.stdout.split('\n')[0], 'output');
      const csv = await run(folder, ['preference', 'list'], { PHONECTL_OUTPUT: 'csv' });
      assert.match(csv.stdout, /^name,value,origin/);
      assert.match(csv.stdout, /^output,csv,environment/m);
      const json = await run(folder, ['preference', 'list', '-o', 'json']);
      assert.deepEqual(JSON.parse(json.stdout)[0].origin, 'preference');
      assert.equal((await run(folder, ['preference', 'unset', 'output'])).status, 0);
      assert.match((await run(folder, ['preference', 'list'])).stdout, /^output\t\tdefault/);
    });
  });

  it('an unknown one or an impossible value is refused, --dry-run keeps nothing', async () => {
    await withFolder(async (folder) => {
      const unknown = await run(folder, ['preference', 'set', 'ouput', 'json']);
      assert.equal(unknown.status, 2);
      assert.match(unknown.stderr, /Did you mean "output"/);
      assert.equal((await run(folder, ['preference', 'set', 'color', 'pink'])).status, 2);
      assert.equal((await run(folder, ['preference', 'set', 'color', 'never', '--dry-run'])).status, 0);
      assert.match((await run(folder, ['preference', 'list', '-o', 'json'])).stdout, /"name":"color","value":null/);
    });
  });

  it('a broken file is named (exit 12)', async () => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, 'phonectl'));
      writeFileSync(join(folder, 'phonectl/preferences.json'), '{');
      const { status, stderr } = await run(folder, ['version']);
      assert.equal(status, 12);
      assert.match(stderr, /preferences\.json cannot be read/);
    });
  });
});
