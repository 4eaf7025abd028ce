/** The commands of docs/guides/fleet-as-code.md are run as they stand there; and what scripts rely on. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInstallation } from '../../src/sdk/home.ts';
import type { SqliteStore } from '../../src/store/store.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { ROOT, type RunResult, runCli } from './harness.ts';

describe('phonectl fleet', function () {
  this.timeout(120_000);
  let home: TestHome;
  let folder: string;

  beforeEach(async () => {
    home = await makeHome();
    folder = mkdtempSync(join(tmpdir(), 'phonectl-fleet-'));
    const { phonectl } = home;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'lobby', site: 'Berlin' }] });
    await phonectl.accounts.add({
      accounts: [{ type: 'sip', name: '1001', username: '1001', password: 'Canary', server: 'sip.example' }],
    });
    await phonectl.profiles.add({ name: 'loud', vendor: 'poly', set: [{ name: 'call.autoAnswer.SIP', value: '1' }] });
    await phonectl.profiles.assign({ profile: 'loud', target: { site: 'Berlin' } });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await home.remove();
  });

  async function run(
    argv: readonly string[],
    to: TestHome = home,
    env: Record<string, string> = {},
  ): Promise<RunResult> {
    return await runCli(argv, { home: to.path, env: { ...to.env, ...env }, cwd: folder });
  }

  async function done(argv: readonly string[], to: TestHome = home): Promise<string> {
    const { status, stdout, stderr } = await run(argv, to);
    assert.equal(status, 0, `${argv.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.includes(from), `${file} holds ${from}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  }

  it('the guide: its commands do what it says', async () => {
    const text = readFileSync(join(ROOT, 'docs/guides/fleet-as-code.md'), 'utf8');
    const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
    assert.ok(lines.length >= 8, `${lines.length} commands`);
    writeFileSync(join(folder, 'passphrase.txt'), 'correct horse battery\n');
    for (const line of lines) {
      const [command = '', redirected] = line.split(' > ');
      const argv = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      assert.equal(argv.shift(), 'phonectl');
      // As in a merge request: the folder is edited after it was exported.
      if (line.includes('fleet validate')) edit('fleet/profiles/loud.yaml', '"1"', '"0"');
      const { status, stdout, stderr } = await run(argv);
      assert.equal(status, 0, `${line}: ${stdout}${stderr}`);
      if (redirected !== undefined) {
        assert.match(stdout, /^## phonectl: 1 phone changes/);
        assert.match(stdout, /- call\.autoAnswer\.SIP = 1[^\n]*\n\+ call\.autoAnswer\.SIP = 0/);
      }
    }
    assert.ok(existsSync(join(folder, 'moved/fleet.yaml')));
    assert.ok(!readFileSync(join(folder, 'moved/accounts.csv'), 'utf8').includes('Canary'));
    assert.equal(statSync(join(folder, 'fleet.secrets')).mode & 0o777, 0o600);
  });

  it('moves a fleet with its secrets; without them names what is missing and does nothing', async () => {
    writeFileSync(join(folder, 'pass'), 'correct horse battery');
    const secrets = ['--secrets', 'sealed', '--passphrase-file', 'pass'];
    await done(['fleet', 'export', 'fleet', ...secrets]);
    const there = await makeHome();
    try {
      const refused = await run(['fleet', 'apply', 'fleet', '--yes', '--json'], there);
      assert.equal(refused.status, 12);
      assert.equal(refused.stdout, '');
      const { error } = JSON.parse(refused.stderr);
      assert.deepEqual(
        error.details.problems.map(({ file, line, column }: { file: string; line: number; column: string }) => [
          file,
          line,
          column,
        ]),
        [['accounts.csv', 2, 'password']],
      );
      assert.equal((await done(['device', 'list', '--json'], there)).trim(), '[]');
      writeFileSync(join(folder, 'wrong'), 'another');
      const wrong = await run(['fleet', 'apply', 'fleet', '--secrets', 'sealed', '--passphrase-file', 'wrong'], there);
      assert.equal(wrong.status, 6, wrong.stderr);
      const applied = JSON.parse(await done(['fleet', 'apply', 'fleet', ...secrets, '--yes', '--json'], there));
      assert.equal(applied.applied, true);
      const account = JSON.parse(await done(['account', 'show', '1001', '--reveal', '--json'], there));
      assert.equal(account.password, 'Canary');
      await done(['fleet', 'apply', 'fleet', ...secrets, '--exit-code', '--yes'], there);
    } finally {
      await there.remove();
    }
  });

  it('plan --exit-code: 20 when something would change, 0 when not; a stale plan is refused with 6', async () => {
    await done(['fleet', 'export', 'fleet']);
    await done(['fleet', 'plan', 'fleet', '--exit-code']);
    edit('fleet/profiles/loud.yaml', '"1"', '"0"');
    const planned = await run(['fleet', 'plan', 'fleet', '--exit-code', '--out', 'plan.json']);
    assert.equal(planned.status, 20, planned.stderr);
    assert.match(planned.stdout, /~ 1 profiles: loud\n1 phone changes/);
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000002', model: 'VVX 450', site: 'Berlin' }] });
    const stale = await run(['fleet', 'apply', 'fleet', '--plan', 'plan.json', '--yes']);
    assert.equal(stale.status, 6, stale.stderr);
  });

  it('apply --wait: a phone that cannot be reached gets it at its next contact, exit status 8', async () => {
    await done(['fleet', 'export', 'fleet']);
    edit('fleet/profiles/loud.yaml', '"1"', '"0"');
    const { status, stdout, stderr } = await run([
      'fleet',
      'apply',
      'fleet',
      '--wait',
      '--timeout',
      '5',
      '--yes',
      '--json',
    ]);
    assert.equal(status, 8, stderr);
    const { applied, affected, push } = JSON.parse(stdout);
    assert.deepEqual([applied, affected, push.summary.pending], [true, ['0004f2000001'], 1]);

    // Run again, nothing changes, and a phone that has not come for it since is waited for once more.
    const again = ['fleet', 'apply', 'fleet', '--wait', '--timeout', '5', '--yes', '--json'];
    assert.equal((await run(again)).status, 0, 'one that never fetched anything is not waited for');
    const { store } = await openInstallation({ home: home.path });
    (store as SqliteStore).raw.writer
      .prepare(
        `INSERT INTO device_fact (device_id, served_digest, served_at) SELECT id, 'of before', 1 FROM device WHERE true
         ON CONFLICT (device_id) DO UPDATE SET served_digest = excluded.served_digest, served_at = excluded.served_at`,
      )
      .run();
    await store.close();
    const waited = await run(again);
    assert.equal(waited.status, 8, waited.stderr);
    const answer = JSON.parse(waited.stdout);
    assert.deepEqual([answer.applied, answer.push.results[0].device], [false, '0004f2000001']);
  });

  it('validate needs no home, and says file, line and column; exit status 12', async () => {
    await done(['fleet', 'export', 'fleet']);
    edit('fleet/devices.csv', 'Berlin', 'Berlim');
    const { status, stdout } = await runCli(['fleet', 'validate', 'fleet'], { cwd: folder });
    assert.equal(status, 12);
    assert.match(stdout, /devices\.csv:2:site: There is no site "Berlim"\. Did you mean Berlin\?/);
    assert.match(stdout, /1 thing is wrong\./);
  });

  it('takes secrets from the environment and from files beside the folder', async () => {
    await done(['fleet', 'export', 'fleet']);
    edit('fleet/accounts.csv', 'home:', 'env:SIP_1001');
    const unset = await run(['fleet', 'apply', 'fleet', '--yes']);
    assert.equal(unset.status, 12);
    assert.match(unset.stderr, /accounts\.csv:2:password: The environment variable SIP_1001 is not set/);
    assert.equal((await run(['fleet', 'apply', 'fleet', '--yes'], home, { SIP_1001: 'from-env' })).status, 0);
    assert.equal((await home.phonectl.accounts.show({ account: '1001', reveal: true })).password, 'from-env');
    edit('fleet/accounts.csv', 'env:SIP_1001', 'file:../password');
    writeFileSync(join(folder, 'password'), 'from-file\n');
    await done(['fleet', 'apply', 'fleet', '--yes']);
    assert.equal((await home.phonectl.accounts.show({ account: '1001', reveal: true })).password, 'from-file');
  });

  it('an export removes profiles that are gone, and touches no folder of anybody else', async () => {
    await done(['fleet', 'export', 'fleet']);
    await home.phonectl.profiles.delete({ profiles: ['loud'] });
    await done(['fleet', 'export', 'fleet']);
    assert.ok(!existsSync(join(folder, 'fleet/profiles/loud.yaml')));
    const { status, stderr } = await run(['fleet', 'export', ROOT]);
    assert.equal(status, 6, stderr);
  });
});
