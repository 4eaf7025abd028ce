import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, type TestHome } from '../support/home.ts';
import { onlyHere } from '../support/remote-cli.ts';
import { all, bytes } from '../support/streams.ts';
import { type RunOptions, type RunResult, runCli, runShell, startCli } from './harness.ts';

/** Rows with parameters, one of them a secret; MACs in no order. */
function fleet(rows: number): string {
  const lines = Array.from({ length: rows }, (_, n) => {
    const mac = `0004f2${((n * 9_176_393) % 0x1000000).toString(16).padStart(6, '0')}`;
    return `${mac},VVX 450,phone-${n},A,${1000 + n},pw-${n}`;
  });
  return `mac,model,name,groups,reg.1.address,reg.1.auth.password\n${lines.join('\n')}\n`;
}

describe('device commands', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await runCli(argv, { home: home.path, ...options, env: { ...home.env, ...options.env } });
  }
  function file(name: string, text: string | Uint8Array): string {
    const path = join(home.path, '..', name);
    writeFileSync(path, text);
    return path;
  }

  it("acceptance 3: imports the manual's examples, lists them, exports what imports as unchanged", async () => {
    const path = file('phones.csv', 'mac_address,reg.1.address\n0004F24FD08E, 1001\n');
    const first = await run(['device', 'import', path, '--json']);
    assert.deepEqual(JSON.parse(first.stdout).summary, {
      rows: 1,
      created: 1,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      rejected: 0,
    });
    assert.equal(first.status, 0);
    const list = await run(['device', 'list', '--json']);
    assert.deepEqual(
      JSON.parse(list.stdout).map(({ mac }: { mac: string }) => mac),
      ['0004f24fd08e'],
    );
    const exported = await run(['device', 'export']);
    const again = await run(['device', 'import', '-'], { stdin: exported.stdout });
    assert.match(again.stdout, /1 unchanged/);
    assert.equal(again.status, 0);
  });

  it('exit 12 when a row is bad and nothing is applied, 3 with --partial; bad rows are written back', async () => {
    const path = file('phones.csv', 'mac,name\n0004f2000001,ok\nbad,=1+1\n');
    const rejected = join(home.path, '..', 'rejected.csv');
    const refused = await run(['device', 'import', path, '--errors-out', rejected]);
    assert.equal(refused.status, 12);
    assert.match(refused.stdout, /line 3 mac "bad"/);
    assert.match(
      readFileSync(rejected, 'utf8'),
      /^mac,name,import_error\r?\nbad,'=1\+1,mac: This is not a MAC address/,
    );
    assert.equal((await run(['device', 'import', path, '--partial'])).status, 3);
    const corrected = readFileSync(rejected, 'utf8').replace('bad', '0004f2000002');
    assert.equal((await run(['device', 'import', '-'], { stdin: corrected })).status, 0);
    const names = JSON.parse((await run(['device', 'list', '--json'])).stdout).map(
      ({ name }: { name: string }) => name,
    );
    assert.deepEqual(names, ['=1+1', 'ok']);
  });

  it('CSV-15: --log says what became of every row', async () => {
    const log = join(home.path, '..', 'import.log');
    await run(['device', 'import', file('p.csv', 'mac,name\n0004f2000001,a\nbad,b\n'), '--partial', '--log', log]);
    const lines = readFileSync(log, 'utf8').trimEnd().split(/\r?\n/);
    assert.equal(lines.length, 3);
    assert.match(lines.join('\n'), /2,0004f2000001,created/);
    assert.match(lines.join('\n'), /3,.*rejected,mac,/);
  });

  it('an .xlsx named .csv is refused with 12 and a remedy, in JSON on stderr alone', async () => {
    const path = file('phones.csv', Buffer.from('PK\x03\x04\x14\0[Content_Types].xml', 'latin1'));
    const { status, stdout, stderr } = await run(['device', 'import', path, '--json']);
    assert.equal(status, 12);
    assert.equal(stdout, '');
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, 'invalid_file');
    assert.match(error.hints.join(), /CSV UTF-8/);
  });

  it('DEV-35: a section that is asked for is there in a pipe too', async () => {
    await run(['device', 'add', '--mac', '0004f2000009', '--vendor', 'poly']);
    const { stdout } = await run(['device', 'show', '0004f2000009', '--profiles']);
    assert.match(stdout, /^Profiles, low to high$/m);
  });

  it('acceptance 6: show of an unknown device leaves stdout empty and one JSON line on stderr, exit 5', async () => {
    const { status, stdout, stderr } = await run(['device', 'show', 'nosuch', '--json']);
    assert.deepEqual([status, stdout], [5, '']);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    assert.equal(JSON.parse(stderr).error.exitCode, 5);
  });

  it('acceptance 6: show in a loop leaves the loop its stdin', async () => {
    const macs = ['0004f2000001', '0004f2000002'];
    for (const mac of macs) await run(['device', 'add', '--mac', mac]);
    const { stdout } = await runShell('while read m; do phonectl device show "$m" --columns mac --no-header; done', {
      home: home.path,
      env: home.env,
      stdin: `${macs.join('\n')}\n`,
    });
    assert.equal(stdout.match(/0004f200000\d/g)?.length, 2);
  });

  it('acceptance 6: a list that is cut off by head ends silently', async () => {
    await home.phonectl.groups.add({ groups: [{ name: 'A' }] });
    await home.phonectl.devices.import({ source: bytes(fleet(10_000)) });
    const { stdout, stderr, status } = await runShell('set -o pipefail; phonectl device list | head -1', {
      home: home.path,
      env: home.env,
    });
    assert.equal(stdout.trimEnd().split('\n').length, 1);
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('delete asks for the number where it can, and wants --yes where it cannot', async () => {
    await home.phonectl.devices.import({ source: bytes('mac\n0004f2000001\n0004f2000002\n') });
    assert.equal((await run(['device', 'delete', '--all'])).status, 2);
    assert.match((await run(['device', 'delete', '--all', '--dry-run'])).stdout, /2 devices/);
    assert.equal((await run(['device', 'delete', '--all', '--yes'])).status, 0);
    assert.deepEqual(await all(home.phonectl.devices.list({})), []);
  });

  it('acceptance 7: killed at random moments an import leaves whole rows only, and the same command completes it', async function () {
    onlyHere(this, 'kills the process that writes; test/api/parity.test.ts kills the client of an import');
    this.timeout(90_000);
    const ROWS = 32_000;
    await home.phonectl.groups.add({ groups: [{ name: 'A' }] });
    const path = file('fleet.csv', fleet(ROWS));
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    let seen = 0;
    // While rows are checked, and after one batch and a further one are in the store.
    for (const moment of [0, 80, 'batch', 'batch'] as const) {
      const child = startCli(['device', 'import', path], { home: home.path, env: home.env });
      child.stdin?.end();
      await startOfWork(home.path, () => child.exitCode === null);
      if (moment === 'batch') await moreDevices(home.path, seen, () => child.exitCode === null);
      else await new Promise((resolve) => setTimeout(resolve, moment));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const database = new DatabaseSync(join(home.path, 'phonectl.db'));
      assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
      const { devices, whole } = database
        .prepare(
          `SELECT count(*) AS devices, count(m.device_id) + count(e.device_id) + count(d.document) AS whole FROM device AS d
           LEFT JOIN device_group_member AS m ON m.device_id = d.id LEFT JOIN enrolment AS e ON e.device_id = d.id`,
        )
        .get() as { devices: number; whole: number };
      database.close();
      assert.equal(whole, devices * 3, 'a row is half there');
      assert.ok(devices >= seen, 'an acknowledged row is gone');
      seen = devices;
    }
    assert.ok(seen > 0 && seen < ROWS, `${seen} devices: no kill hit between two batches`);
    const { status, stdout } = await run(['device', 'import', path, '--json'], { timeout: 60_000 });
    const { summary } = JSON.parse(stdout);
    assert.equal(status, 0);
    assert.deepEqual([summary.rows, summary.created + summary.unchanged], [ROWS, ROWS]);
    assert.deepEqual(
      readdirSync(join(home.path, 'run')).filter((name) => name.startsWith('import-')),
      [],
    );
    const again = JSON.parse((await run(['device', 'import', path, '--json'], { timeout: 60_000 })).stdout);
    assert.equal(again.summary.unchanged, ROWS);
  });
});

/** Waits until the import has begun to stage rows: its scratch file is there. */
async function startOfWork(home: string, running: () => boolean): Promise<void> {
  const folder = join(home, 'run');
  const before = existsSync(folder) ? new Set(readdirSync(folder)) : new Set<string>();
  while (running() && !(existsSync(folder) && readdirSync(folder).some((name) => !before.has(name)))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until there are more devices than `seen`. */
async function moreDevices(home: string, seen: number, running: () => boolean): Promise<void> {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(join(home, 'phonectl.db'), { readOnly: true });
  const count = database.prepare('SELECT count(*) AS devices FROM device');
  while (running() && Number(count.get()?.['devices']) <= seen) await new Promise((resolve) => setTimeout(resolve, 2));
  database.close();
}
