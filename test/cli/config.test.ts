import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, type TestHome } from '../support/home.ts';
import { type RunResult, runCli } from './harness.ts';

describe('phonectl config and change', function () {
  this.timeout(60_000);
  let home: TestHome;

  beforeEach(async () => {
    home = await makeHome();
    const { phonectl } = home;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'lobby', site: 'Berlin' }] });
    for (const [name, value, target] of [
      ['quiet', '0', { global: true }],
      ['loud', '1', { site: 'Berlin' }],
    ] as const) {
      await phonectl.profiles.add({ name, vendor: 'poly', set: [{ name: 'call.autoAnswer.SIP', value }] });
      await phonectl.profiles.assign({ profile: name, target });
    }
  });
  afterEach(async () => await home.remove());

  async function run(argv: readonly string[], env: Record<string, string> = {}): Promise<RunResult> {
    return await runCli(argv, { home: home.path, env: { ...home.env, ...env } });
  }

  it('PROF-29: config explain --json is exactly this', async () => {
    const { stdout } = await run(['config', 'explain', 'lobby', 'call.autoAnswer.SIP', '--json']);
    assert.deepEqual(JSON.parse(stdout), [
      {
        param: 'call.autoAnswer.SIP',
        value: '1',
        layer: 'site',
        source: 'loud',
        beaten: [{ value: '0', layer: 'global', source: 'quiet' }],
      },
    ]);
    const people = await run(['config', 'explain', 'lobby', 'call.autoAnswer.SIP']);
    assert.match(people.stdout, /● 1 {2}site "loud"\n {2}○ 0 {2}global "quiet"\nHigher layers win/);
    const { status, stderr } = await run(['config', 'explain', 'lobby', 'call.autoAnswer.SPI']);
    assert.equal(status, 5);
    assert.match(stderr, /Did you mean call\.autoAnswer\.SIP\?/);
  });

  it('collects a change, plans it, applies the plan, and refuses it the second time', async () => {
    const out = join(home.path, '../plan.json');
    const env = { PHONECTL_CHANGE: 'hush' };
    assert.equal((await run(['profile', 'set', 'loud', 'call.autoAnswer.SIP=0'], env)).status, 0);
    const listed = JSON.parse((await run(['change', 'list', '--json'])).stdout);
    assert.deepEqual([listed[0].name, listed[0].edits], ['hush', 1]);
    const planned = await run(['config', 'plan', '--out', out, '--exit-code'], env);
    assert.equal(planned.status, 20, planned.stderr);
    assert.match(planned.stdout, /1 phone changes[\s\S]*apply: phonectl config apply p-[0-9a-f]{8}/);
    const applied = await run(['config', 'apply', out, '--yes', '-m', 'quiet please']);
    assert.equal(applied.status, 0, applied.stderr);
    const [newest] = JSON.parse((await run(['config', 'history', '--limit', '1', '--json'])).stdout);
    assert.deepEqual([newest.revision, newest.reason, newest.devices], [5, 'quiet please', 1]);
    assert.equal((await run(['config', 'apply', out, '--yes'])).status, 6);
    rmSync(out);
  });

  it('rolls back, shows what a revision changed, and compares with it', async () => {
    const dry = await run(['config', 'rollback', 'r3', '--dry-run']);
    assert.match(dry.stdout, /~ call\.autoAnswer\.SIP 1 → 0/);
    assert.equal((await run(['config', 'rollback', '3', '--yes'])).status, 0);
    const shown = JSON.parse((await run(['config', 'show', '5', '--json'])).stdout);
    assert.deepEqual(
      shown.changes.map(({ kind, change, profile, target }: Record<string, string>) => [kind, change, profile, target]),
      [['assignment', 'removed', 'loud', 'site Berlin']],
    );
    const diff = await run(['config', 'diff', 'lobby', '--against', '4', '--exit-code', '--json']);
    assert.equal(diff.status, 20);
    assert.equal(JSON.parse(diff.stdout).groups[0].changes[0].after.value, '0');
    assert.equal((await run(['config', 'rollback', 'x'])).status, 2);
  });
});
