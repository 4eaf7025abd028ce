/**
 * The same commands, once on a home of this machine and once through the API on another one: same output, same exit
 * status, same errors. The whole of test/cli runs through the API with PHONECTL_TEST_REMOTE=1.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunOptions, type RunResult, runCli, startCli, withFolder } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { remoteEnv, stopRemote } from '../support/remote-cli.ts';

const DEVICES = `mac,name,site,model,line1.account
0004f2aaaa01,lobby,Berlin,VVX 450,
0004f2aaaa02,bar-2,Berlin,VVX 450,
805ec0a1b2c3,reception,,T54W,
`;

describe('the command line, here and through the API', function () {
  this.timeout(60_000);
  let local: TestHome;
  let far: TestHome;

  before(async () => {
    [local, far] = [await makeHome(), await makeHome({ certificates: true })];
  });
  after(async () => {
    await stopRemote(far.path);
    await local.remove();
    await far.remove();
  });

  async function both(argv: readonly string[], options: RunOptions = {}): Promise<[RunResult, RunResult]> {
    return await Promise.all([
      runCli(argv, { ...options, home: local.path, env: { ...local.env, ...options.env } }),
      runCli(argv, { ...options, env: { ...(await remoteEnv(far.path)), ...options.env } }),
    ]);
  }

  /** What is of another time or of another installation. */
  function neutral(text: string): string {
    return text
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/"hash":"[0-9a-f]{64}"/g, 'HASH')
      .replace(/^On PHONECTL_SERVER .*\n/m, '')
      .replace(/\b\d+ ms\b/g, 'MS');
  }

  async function same(argv: readonly string[], status: number, options: RunOptions = {}): Promise<string> {
    const [here, there] = await both(argv, options);
    assert.equal(neutral(there.stdout), neutral(here.stdout));
    assert.equal(neutral(there.stderr), neutral(here.stderr));
    assert.equal(here.status, status, here.stderr);
    assert.equal(there.status, status, there.stderr);
    return there.stdout;
  }

  it('adds, shows and lists', async () => {
    await same(['site', 'add', 'Berlin', '--public', '192.0.2.0/24', '--json'], 0);
    await same(['site', 'add', 'Berlin'], 6);
    assert.match(await same(['site', 'list'], 0), /Berlin/);
  });

  it('imports a file, and says the same of a bad one', async () => {
    await withFolder(async (folder) => {
      const good = join(folder, 'devices.csv');
      writeFileSync(good, DEVICES);
      await same(['device', 'import', good, '--json'], 0);
      const again = await same(['device', 'import', '-', '--json'], 0, { stdin: DEVICES });
      assert.equal(JSON.parse(again).summary.unchanged, 3);
      const rejected = join(folder, 'rejected.csv');
      const bad = `${DEVICES}nonsense,x,Atlantis,VVX 450,\n`;
      await same(['device', 'import', '-', '--json', '--errors-out', rejected], 12, { stdin: bad });
      assert.match(readFileSync(rejected, 'utf8'), /nonsense/);
    });
  });

  it('exports what it has, as the same bytes', async () => {
    const csv = await same(['device', 'export'], 0);
    assert.match(csv, /lobby/);
  });

  it('sorts, filters, cuts and forms lists alike', async () => {
    await same(['device', 'list', '--sort=-name', '--output', 'name'], 0);
    await same(['device', 'list', '--search', 'bar', '--json'], 0);
    await same(['device', 'list', '--output', 'csv', '--columns', 'name,site', '--limit', '2'], 0);
  });

  it('fails alike', async () => {
    assert.equal(await same(['device', 'show', 'nosuch', '--json'], 5), '');
    await same(['device', 'show'], 2);
    await same(['device', 'delete', 'lobby', '--no-input'], 2);
    await same(['device', 'reboot', 'nosuch', '--json'], 5);
  });

  it('writes with a dry run first, then for good', async () => {
    await same(['device', 'edit', 'lobby', '--description', 'by the door', '--dry-run', '--json'], 0);
    await same(['device', 'edit', 'lobby', '--description', 'by the door', '--json'], 0);
    await same(['device', 'show', 'lobby', '--json'], 0);
  });

  it('names the server before an effect that is noticed', async () => {
    const [here, there] = await both(['device', 'delete', 'bar-2', '--yes']);
    assert.deepEqual([here.status, there.status], [0, 0]);
    assert.match(there.stderr, /^On PHONECTL_SERVER \(https:\/\/127\.0\.0\.1:\d+\):/m);
    assert.doesNotMatch(here.stderr, /^On /m);
    assert.equal(there.stdout, here.stdout);
  });

  it('says who did it', async () => {
    const env = await remoteEnv(far.path);
    const { stdout } = await runCli(['log', 'list', '--op', 'device.delete', '--json'], { env });
    const [entry] = JSON.parse(stdout) as [Record<string, unknown>];
    assert.deepEqual(
      [entry['actor'], entry['actorKind'], entry['source'], entry['result']],
      [env['PHONECTL_KEY_ID'], 'key', '127.0.0.1', 'done'],
    );
  });

  for (const [signal, status] of [
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const) {
    it(`an import whose client is ended half-way by ${signal} leaves nothing half-done`, async () => {
      const env = await remoteEnv(far.path);
      const names = async () => (await runCli(['device', 'list', '--output', 'name'], { env })).stdout;
      const before = await names();
      const child = startCli(['device', 'import', '-', '--json'], { env });
      child.stdin!.on('error', () => {});
      child.stdin!.write('mac,name,site,model\n');
      for (let row = 0; row < 20_000; row += 1) {
        child.stdin!.write(`0004f3${row.toString(16).padStart(6, '0')},half-${row},Berlin,VVX 450\n`);
      }
      await sleep(1_500);
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      assert.equal(code, status);
      await sleep(300);
      assert.equal(await names(), before);
    });
  }

  it('refuses commands about this machine (exit 2) and a bad key (exit 4)', async () => {
    const env = await remoteEnv(far.path);
    const serve = await runCli(['serve', '--json'], { env });
    assert.equal(serve.status, 2);
    assert.equal(JSON.parse(serve.stderr).error.code, 'local_only');
    const bad = await runCli(['site', 'list', '--json'], {
      env: { ...env, PHONECTL_KEY_SECRET: `ps_${'x'.repeat(43)}` },
    });
    assert.equal(bad.status, 4);
    assert.equal(JSON.parse(bad.stderr).error.code, 'unauthenticated');
    const nobody = await runCli(['site', 'list', '--json'], {
      env: { ...env, PHONECTL_SERVER: 'https://127.0.0.1:9' },
    });
    assert.equal(nobody.status, 10);
  });
});
