import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, type RunResult, runCli } from './harness.ts';

/** The inventory as an administrator drives it: argv in, streams, exit statuses and files out. */
describe('phonectl init, site, account, group, model, home', function () {
  this.timeout(60_000);
  let folder: string;
  let env: Record<string, string>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-cli-'));
    env = { XDG_CONFIG_HOME: join(folder, 'config') };
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await runCli(argv, { home: join(folder, 'home'), env, ...options });
  }
  async function json<T>(argv: readonly string[], options: RunOptions = {}): Promise<T> {
    const result = await run([...argv, '--json'], options);
    assert.equal(result.status, 0, result.stderr);
    return JSON.parse(result.stdout) as T;
  }

  it('says what to do where there is no home', async () => {
    const result = await run(['site', 'list', '--json']);
    assert.deepEqual([result.status, result.stdout], [5, '']);
    assert.equal((JSON.parse(result.stderr) as { error: { code: string } }).error.code, 'no_home');
  });

  it('acceptance 3: init makes the home in an empty folder, and a second time only when nothing differs', async () => {
    const argv = ['init', '--company', 'Acme', '--url', 'https://127.0.0.1:18443'];
    const first = await run([...argv, '--also', 'prov.example.net', '--yes']);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /prov\.example\.net/);
    assert.equal((await run([...argv, '--also', 'prov.example.net', '--yes'])).status, 0);
    assert.equal((await run([...argv, '--yes'])).status, 6);
  });

  it('PLAT-14: init without a terminal names the flag that is missing', async () => {
    const result = await run(['init', '--url', 'https://127.0.0.1:18443'], { home: join(folder, 'none') });
    assert.equal(result.status, 2);
    assert.match(result.stderr, /--company/);
    assert.equal(existsSync(join(folder, 'none')), false);
  });

  it('adds, lists, shows, edits and deletes sites', async () => {
    const added = await run(['site', 'add', 'Berlin', '--public', '20.56.31.0/8', '--private', '10.0.0.0/8']);
    assert.equal(added.status, 0, added.stderr);
    assert.match(added.stderr, /20\.0\.0\.0\/8/, 'B-06: the warning is no part of the answer');
    const stdin = '{"name":"Paris","parent":"Berlin"}\n{"name":"Rom"}\n';
    assert.equal((await run(['site', 'add', '--stdin'], { stdin })).status, 0);
    const rows = await json<{ name: string; parent: string | null }[]>(['site', 'list', '--filter', 'parent=Berlin']);
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['Paris'],
    );
    assert.equal((await run(['site', 'edit', 'Rom', '--name', 'Roma', '--dry-run'])).status, 0);
    assert.equal((await run(['site', 'show', 'Roma'])).status, 5);
    const shown = await run(['site', 'list', '--columns', 'name,subnets', '--search', '10.0']);
    assert.equal(shown.stdout, 'Berlin\t20.0.0.0/8 > 10.0.0.0/8\n');
    const resolved = await json<{ site: string }>(['site', 'resolve', '--public', '20.1.1.1', '--private', '10.2.3.4']);
    assert.equal(resolved.site, 'Berlin');
  });

  it('PLAT-10: deleting asks, and where nobody can be asked wants --yes', async () => {
    const refused = await run(['site', 'delete', 'Paris']);
    assert.deepEqual([refused.status, refused.stdout], [2, '']);
    assert.match(refused.stderr, /--yes/);
    assert.equal((await run(['site', 'delete', 'Berlin', '--yes'])).status, 6, 'it has a site below');
    assert.equal((await run(['site', 'delete', 'Paris', 'Rom', '--yes'])).status, 0);
    const names = await run(['site', 'list', '--output', 'name']);
    assert.deepEqual(names.stdout.trim().split('\n'), ['Acme', 'Berlin', 'Internet', 'Intranet']);
  });

  it('PLAT-13: an unknown column or sort field is a usage error that lists the fields', async () => {
    for (const flags of [
      ['--columns', 'nmae'],
      ['--sort', 'nmae'],
      ['--filter', 'nmae=1'],
    ]) {
      const result = await run(['site', 'list', ...flags]);
      assert.equal(result.status, 2, flags.join(' '));
      assert.match(result.stderr, /nmae/);
    }
  });

  it('ERR-01: a bad file applies nothing (12); --partial applies the rest (3) and writes the bad rows back', async () => {
    const file = join(folder, 'accounts.csv');
    writeFileSync(
      file,
      'type;name;username;server;password;site\nsip;1001;1001;pbx;s3cret;Berlin\nsip;1002;;pbx;hush;\n',
    );
    const refused = await run(['account', 'import', file, '--json']);
    assert.equal(refused.status, 12);
    const report = JSON.parse(refused.stdout) as {
      summary: { rejected: number };
      errors: { line: number; column: string }[];
    };
    assert.deepEqual([report.summary.rejected, report.errors[0]!.line, report.errors[0]!.column], [1, 3, 'username']);
    const rejected = join(folder, 'rejected.csv');
    const log = join(folder, 'import.log');
    const partial = await run(['account', 'import', file, '--partial', '--errors-out', rejected, '--log', log]);
    assert.equal(partial.status, 3, partial.stderr);
    assert.match(
      readFileSync(rejected, 'utf8'),
      /^type,name,username,server,password,site,import_error\r\nsip,1002,,pbx,hush,,/,
    );
    assert.equal(statSync(rejected).mode & 0o777, 0o600);
    assert.match(readFileSync(log, 'utf8'), /2,1001,created/);
    // Corrected, the same file is imported.
    writeFileSync(rejected, readFileSync(rejected, 'utf8').replace('1002,,', '1002,1002,'));
    assert.equal((await run(['account', 'import', rejected])).status, 0);
    const again = await json<{ summary: { unchanged: number } }>(['account', 'import', rejected]);
    assert.equal(again.summary.unchanged, 1);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('a password comes from stdin, never from a flag, and is shown only when revealed', async () => {
    const flag = await run(['account', 'edit', '1001', '--password', 'hush']);
    assert.equal(flag.status, 2);
    assert.doesNotMatch(flag.stderr, /hush/);
    assert.equal((await run(['account', 'edit', '1001', '--password-stdin'], { stdin: 'n3w\n' })).status, 0);
    const plain = await run(['account', 'show', '1001', '--json']);
    assert.doesNotMatch(plain.stdout, /n3w/);
    const shown = await json<{ password: string }>(['account', 'show', '1001', '--reveal']);
    assert.equal(shown.password, 'n3w');
  });

  it('ACCT-06: --dir writes one file for each type, without passwords', async () => {
    const dir = join(folder, 'accounts');
    assert.equal((await run(['account', 'export', '--dir', dir])).status, 0);
    assert.deepEqual(
      readdirSync(dir).sort(),
      ['cloud', 'h323', 'sfb', 'sip', 'yms'].map((type) => `accounts-${type}.csv`),
    );
    const sip = readFileSync(join(dir, 'accounts-sip.csv'), 'utf8');
    assert.match(sip, /1001,1001,,\*{8}/);
    const again = await json<{ summary: object }>([
      'account',
      'import',
      join(dir, 'accounts-sip.csv'),
      '--update',
      'overwrite',
    ]);
    assert.deepEqual(again.summary, { rows: 2, created: 0, updated: 0, unchanged: 2, skipped: 0, rejected: 0 });
  });

  it('CSV-18: templates are printed without a home and import as nothing', async () => {
    for (const topic of ['site', 'account', 'group']) {
      const template = await run([topic, 'template'], { home: join(folder, 'none') });
      assert.equal(template.status, 0, template.stderr);
      const flags = topic === 'account' ? ['--type', 'sip'] : [];
      const report = await json<{ summary: { rows: number } }>([topic, 'import', '-', ...flags], {
        stdin: template.stdout,
      });
      assert.equal(report.summary.rows, 0);
    }
  });

  it('groups, their order and the default groups', async () => {
    assert.equal((await run(['group', 'add', 'lobby', 'bar', '--description', 'Guests'])).status, 0);
    assert.equal((await run(['group', 'top', 'bar'])).status, 0);
    assert.equal((await run(['group', 'list', '--output', 'name'])).stdout, 'bar\nlobby\n');
    assert.equal((await run(['group', 'default', 'set', 'lobby'])).status, 0);
    const defaults = await json<{ name: string }[]>(['group', 'default', 'show']);
    assert.deepEqual(
      defaults.map(({ name }) => name),
      ['lobby'],
    );
    assert.equal((await run(['group', 'default', 'clear'])).status, 0);
    assert.equal((await run(['group', 'delete', 'bar', 'lobby', '--yes'])).status, 0);
  });

  it('MODEL-01: the exit status of model check tells the verdict', async () => {
    const status = async (firmware: string): Promise<number | null> =>
      (await run(['model', 'check', 'SIP-T46S', '--firmware', firmware])).status;
    assert.deepEqual([await status('66.86.0.15'), await status('66.84.0.10')], [0, 3]);
  });

  it('backs up, checks and restores', async () => {
    const file = join(folder, 'backup.tar');
    assert.equal((await run(['home', 'backup', file])).status, 0);
    assert.equal((await run(['home', 'backup', file])).status, 6);
    const other = join(folder, 'other');
    assert.equal((await run(['home', 'restore', file, '--home', other])).status, 0);
    assert.equal((await run(['home', 'restore', file, '--home', other])).status, 6);
    const check = await run(['home', 'check', '--home', other]);
    assert.equal(check.status, 0, check.stdout);
    writeFileSync(file, readFileSync(file).subarray(0, 9000));
    assert.equal((await run(['home', 'restore', file, '--home', join(folder, 'third')])).status, 12);
    assert.equal(existsSync(join(folder, 'third')), false);
  });
});
