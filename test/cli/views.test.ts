import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeHome, type TestHome } from '../support/home.ts';
import { type RunOptions, runCli } from './harness.ts';

describe('saved views (PLAT-08)', function () {
  this.timeout(60_000);
  let home: TestHome;
  let options: RunOptions;
  let folder: string;

  before(async () => {
    home = await makeHome();
    const phone = (mac: string, name: string, site: string) => ({ mac, name, site, model: 'VVX 450' });
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin' }, { name: 'Paris' }] });
    await home.phonectl.devices.add({
      devices: [
        phone('0004f2aaaa01', 'bar', 'Berlin'),
        phone('0004f2aaaa02', 'attic', 'Berlin'),
        phone('0004f2aaaa03', 'cellar', 'Paris'),
      ],
    });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-views-'));
    // A configuration folder for views alone; the sealing key stays where it is.
    const { id } = JSON.parse(readFileSync(join(home.path, 'home.json'), 'utf8')) as { id: string };
    const key = join(home.env['XDG_CONFIG_HOME']!, 'phonectl/keys', `${id}.key`);
    options = { home: home.path, env: { ...home.env, XDG_CONFIG_HOME: folder, PHONECTL_KEY_FILE: key } };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => home.remove());

  const names = async (...argv: string[]): Promise<string[]> => {
    const { status, stdout, stderr } = await runCli(argv, options);
    assert.equal(status, 0, stderr);
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  };

  it('keep the flags of a list; flags beside --view win; views change and go', async () => {
    assert.deepEqual(
      await names('device', 'list', '--site', 'Berlin', '--sort', 'name', '--save-view', 'berlin', '--json'),
      ['attic', 'bar'],
    );
    assert.deepEqual(await names('device', 'list', '--view', 'berlin', '--json'), ['attic', 'bar']);
    assert.deepEqual(await names('device', 'list', '--view', 'berlin', '--sort', '-name', '--json'), ['bar', 'attic']);
    assert.deepEqual(await names('device', 'list', '--view', 'berlin', '--site', 'Paris', '--json'), ['cellar']);
    const more = ['--view', 'berlin', '--filter', 'name=bar', '--save-view', 'bars', '--json'];
    assert.deepEqual(await names('device', 'list', ...more), ['bar']);
    const { stdout } = await runCli(['view', 'list', '--json'], options);
    assert.deepEqual(JSON.parse(stdout), [
      {
        name: 'bars',
        list: 'device list',
        flags: { site: ['Berlin'], sort: 'name', filter: ['name=bar'] },
        inForce: false,
      },
      { name: 'berlin', list: 'device list', flags: { site: ['Berlin'], sort: 'name' }, inForce: false },
    ]);
    assert.equal(statSync(join(folder, 'phonectl', 'views.json')).mode & 0o777, 0o600);
    assert.equal((await runCli(['view', 'delete', 'bars', '--yes'], options)).status, 0);
    const gone = await runCli(['device', 'list', '--view', 'bars'], options);
    assert.equal(gone.status, 5);
    assert.match(gone.stderr, /no view "bars"/);
    assert.equal((await runCli(['site', 'list', '--view', 'berlin'], options)).status, 5, 'of another list');
  });

  it('in force: on a terminal until it is reset, with a word about it; never in what is piped', async () => {
    await names('device', 'list', '--site', 'Berlin', '--save-view', 'berlin', '--json');
    assert.equal((await runCli(['view', 'use', 'berlin'], options)).status, 0);
    const shown = async () => (await runCli(['device', 'list'], { ...options, tty: { columns: 120 } })).stdout;
    const narrowed = await shown();
    assert.match(narrowed, /bar/);
    assert.doesNotMatch(narrowed, /cellar/);
    assert.match(narrowed, /View berlin: --site Berlin .*phonectl view reset/);
    assert.equal((await names('device', 'list', '--json')).length, 3);
    assert.match((await runCli(['device', 'list'], options)).stdout, /cellar/);
    assert.deepEqual(JSON.parse((await runCli(['view', 'reset', '--json'], options)).stdout), { reset: 1 });
    assert.match(await shown(), /cellar/);
    assert.deepEqual(await names('device', 'list', '--view', 'berlin', '--json'), ['attic', 'bar'], 'it stays saved');
  });

  it('say what is wrong', async () => {
    const nothing = await runCli(['device', 'list', '--save-view', 'x', '--json'], options);
    assert.equal(nothing.status, 2);
    assert.equal((await runCli(['device', 'list', '--site', 'Berlin', '--save-view', '../x'], options)).status, 2);
    assert.ok(!existsSync(join(folder, 'phonectl', 'views.json')));
    assert.equal((await runCli(['view', 'use', 'nosuch'], options)).status, 5);
    await names('site', 'list', '--search', 'Berlin', '--save-view', 'berlin', '--json');
    await names('device', 'list', '--site', 'Berlin', '--save-view', 'berlin', '--json');
    const two = await runCli(['view', 'use', 'berlin'], options);
    assert.equal(two.status, 5);
    assert.match(two.stderr, /--of/);
    assert.equal((await runCli(['view', 'use', 'berlin', '--of', 'site list'], options)).status, 0);
    writeFileSync(join(folder, 'phonectl', 'views.json'), '{');
    const broken = await runCli(['device', 'list', '--json'], options);
    assert.equal(broken.status, 12);
    assert.match(broken.stderr, /views\.json/);
  });
});
