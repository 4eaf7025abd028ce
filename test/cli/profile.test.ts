import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, type TestHome } from '../support/home.ts';
import { type RunOptions, type RunResult, runCli } from './harness.ts';

describe('profile commands', function () {
  this.timeout(60_000);
  let home: TestHome;

  before(async () => {
    home = await makeHome();
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await home.phonectl.devices.add({
      devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'reception', site: 'Berlin' }],
    });
  });
  after(() => home.remove());

  async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await runCli(argv, { home: home.path, ...options, env: { ...home.env, ...options.env } });
  }

  it('PROF-29: adds, plans, assigns and shows; a dry run says what would happen and does nothing', async () => {
    const added = await run(['profile', 'add', 'auto', '--vendor', 'poly', 'CALL.autoanswer.sip=1', '-m', 'first']);
    assert.deepEqual([added.status, added.stderr], [0, '']);
    const dry = await run(['profile', 'assign', 'auto', '--site', 'Berlin', '--dry-run']);
    assert.match(dry.stdout, /^Nothing was done; this would happen:\n→ .*\n1 phone changes · 1 site/);
    assert.match(dry.stdout, /\+ call\.autoAnswer\.SIP 1 {2}site "auto"/);
    assert.equal((await run(['profile', 'list', '--type', 'user', '--output', 'name'])).stdout, 'auto\n');
    const done = await run(['profile', 'assign', 'auto', '--site', 'Berlin', '--json']);
    const { revision, changed, plan } = JSON.parse(done.stdout);
    assert.deepEqual([typeof revision, changed, plan.devices], ['number', true, 1]);
    const shown = JSON.parse((await run(['profile', 'show', 'auto', '--json'])).stdout);
    assert.deepEqual(shown.assignments, [{ layer: 'site', target: 'Berlin', priority: 1, apply: 'auto' }]);
  });

  it('SEC-05: takes a secret from stdin or a file, never from the command line', async () => {
    const secret = 'Canary-cli-77';
    await run(['profile', 'add', 'push', '--vendor', 'poly']);
    const open = await run(['profile', 'set', 'push', `apps.push.password=${secret}`]);
    assert.equal(open.status, 2);
    assert.match(open.stderr, /not taken from the command line/);
    assert.ok(!open.stderr.includes(secret) && !open.stdout.includes(secret));
    const piped = await run(['profile', 'set', 'push', 'apps.push.password=@stdin'], { stdin: `${secret}\n` });
    assert.deepEqual([piped.status, piped.stderr], [0, '']);
    assert.ok(!(await run(['profile', 'show', 'push', '--json'])).stdout.includes(secret));
    const revealed = JSON.parse((await run(['profile', 'show', 'push', '--reveal', '--json'])).stdout);
    assert.equal(revealed.parameters[0].value, secret);
    const path = join(home.path, '..', 'secret.txt');
    writeFileSync(path, 'from a file\n');
    assert.equal((await run(['profile', 'set', 'push', `apps.push.password=@file:${path}`])).status, 0);
    const logged = await run(['log', 'list', '--json']);
    assert.match(logged.stdout, /profile\.show/, 'revealing is recorded');
    assert.ok(!logged.stdout.includes(secret));
  });

  it('PHONECTL_CHANGE collects; the fleet stays as it is', async () => {
    const collected = await run(['profile', 'set', 'auto', 'call.autoAnswer.SIP=0'], {
      env: { PHONECTL_CHANGE: 'winter' },
    });
    assert.match(collected.stdout, /In the change winter, not done yet/);
    assert.match(collected.stdout, /~ call\.autoAnswer\.SIP 1 → 0/);
    const { parameters } = JSON.parse((await run(['profile', 'show', 'auto', '--json'])).stdout);
    assert.equal(parameters[0].value, '1');
  });

  it('exit statuses: usage, not found, protected, invalid data', async () => {
    assert.equal((await run(['profile', 'set', 'auto', 'nonsense'])).status, 2);
    assert.equal((await run(['profile', 'assign', 'auto'])).status, 2);
    assert.equal((await run(['profile', 'show', 'atuo'])).status, 5);
    assert.equal((await run(['profile', 'assign', 'AdminPassword-Change-TEMPLATE', '--global'])).status, 6);
    const bad = await run(['profile', 'import', '-'], { stdin: '<x a.b="1"' });
    assert.equal(bad.status, 12);
    assert.match(bad.stderr, /line 1, column \d+/);
  });

  it('PROF-20: exports one as a file that imports as unchanged', async () => {
    const file = await run(['profile', 'export', 'auto']);
    assert.match(file.stdout, /call\.autoAnswer\.SIP="1"/);
    const again = await run(['profile', 'import', '-', 'auto'], { stdin: file.stdout });
    assert.match(again.stdout, /^Nothing changes: it is like this already\./);
  });

  it('PROF-21: CSV profiles are listed when asked for, and shown', async () => {
    const csv = 'mac,call.callWaiting.enable\n0004f2000001,0\n';
    await run(['device', 'import', '-', '--update', 'merge'], { stdin: csv });
    const list = JSON.parse((await run(['profile', 'list', '--type', 'imported', '--json'])).stdout);
    assert.deepEqual(
      list.map(({ name, type, parameterCount }: Record<string, unknown>) => [name, type, parameterCount]),
      [['0004f2000001_csv_profile', 'imported', 1]],
    );
    const shown = JSON.parse((await run(['profile', 'show', '0004F2000001_CSV_profile', '--json'])).stdout);
    assert.deepEqual(shown.parameters, [{ name: 'call.callWaiting.enable', value: '0', secret: false }]);
    assert.doesNotMatch((await run(['profile', 'list'])).stdout, /csv_profile/);
  });

  it('acceptance 5: lint and the catalogue, on the command line', async () => {
    const lint = await run(['profile', 'lint', '--json']);
    assert.deepEqual([lint.status, JSON.parse(lint.stdout)], [0, []]);
    assert.match((await run(['profile', 'catalog', 'show', 'reg.1.server.1.expires'])).stdout, /10 or more|10 to \d+/);
    const found = await run(['profile', 'catalog', 'search', 'autoanswer', '--vendor', 'poly', '--output', 'name']);
    assert.match(found.stdout, /^call\.autoAnswer\.SIP$/m);
  });

  it('deletes after a question; without a terminal --yes is needed', async () => {
    assert.equal((await run(['profile', 'delete', 'push'])).status, 2);
    const gone = await run(['profile', 'delete', 'push', '--yes']);
    assert.match(gone.stdout, /Profile push deleted/);
  });
});
