import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ImportReport } from '../../src/sdk/csv/report.ts';
import type { DeviceDetails } from '../../src/sdk/devices/device.ts';
import type { ImportEvent } from '../../src/sdk/imports/events.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith, textOf } from '../support/streams.ts';

// The manual's examples, each header and row on its line (Creating a Device CSV File).
const TWO_LINES = `mac_address, endpoint_name, endpoint_group, reg.1.address, reg.1.displayname, reg.1.auth.userId, reg.1.auth.password, reg.2.address, reg.2.displayname, reg.2.auth.userId, reg.2.auth.password,
0004F23EA4E1, SoundPoint-EA4E1, EPGroup1|EPGroup2, 1000, Jon Smith, 1000, 1000, 1001, Jon Smith1, 1001, 1001
`;
const ONE_LINE = 'mac_address,reg.1.address\n0004F24FD08E, 1001\n';
const HOSTNAME = 'mac_address, device.hostname\n0004F23EA4E1, SoundPointA4E1\n0004F24FD08E, SoundPointD08E\n';
const STUDIO =
  'mac_address, serial_number, endpoint_type, endpoint_name, endpoint_group\n00E0DB4C20CC, 8218404c20ccf9, Polycom Studio, Jsmith_Studio, EPGroup1|EPGroup2\n';

type Options = Omit<Parameters<TestHome['phonectl']['devices']['import']>[0], 'source'>;

describe('device import and export', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  async function imported(text: string, options: Options = {}, events?: ImportEvent[]): Promise<ImportReport> {
    const onProgress = (event: unknown): void => void events?.push(event as ImportEvent);
    return await home.phonectl.devices.import({ source: bytes(text), ...options }, { onProgress });
  }
  function counts({ summary }: ImportReport): number[] {
    return [summary.created, summary.updated, summary.unchanged, summary.skipped, summary.rejected];
  }
  async function show(device: string, reveal = false): Promise<DeviceDetails> {
    return await home.phonectl.devices.show({ device, reveal });
  }
  async function exported(options: Parameters<TestHome['phonectl']['devices']['export']>[0] = {}): Promise<string> {
    return await textOf(home.phonectl.devices.export(options));
  }
  async function groups(...names: string[]): Promise<void> {
    await home.phonectl.groups.add({ groups: names.map((name) => ({ name })) });
  }
  async function accounts(...names: string[]): Promise<void> {
    await home.phonectl.accounts.add({
      accounts: names.map((name) => ({ type: 'sip' as const, name, username: name, server: 'sip.example.com' })),
    });
  }

  it("CSV-05, CSV-08, PROF-21: the manual's own examples", async () => {
    await groups('EPGroup1', 'EPGroup2');
    assert.deepEqual(counts(await imported(TWO_LINES)), [1, 0, 0, 0, 0]);
    assert.deepEqual(counts(await imported(ONE_LINE)), [1, 0, 0, 0, 0]);
    assert.deepEqual(counts(await imported(HOSTNAME)), [0, 0, 0, 2, 0], 'B-50: existing devices are skipped');
    assert.deepEqual(counts(await imported(HOSTNAME, { update: 'merge' })), [0, 2, 0, 0, 0]);
    assert.deepEqual(counts(await imported(STUDIO)), [1, 0, 0, 0, 0]);
    const phone = await show('0004f23ea4e1', true);
    assert.deepEqual(phone.groups, ['EPGroup1', 'EPGroup2']);
    assert.equal(phone.vendor, 'poly', 'DEV-41');
    assert.equal(phone.csvProfile?.name, '0004f23ea4e1_csv_profile');
    assert.deepEqual(phone.csvProfile?.parameters, {
      'device.hostname': 'SoundPointA4E1',
      'reg.1.address': '1000',
      'reg.1.auth.password': '1000',
      'reg.1.auth.userId': '1000',
      'reg.1.displayName': 'Jon Smith',
      'reg.2.address': '1001',
      'reg.2.auth.password': '1001',
      'reg.2.auth.userId': '1001',
      'reg.2.displayName': 'Jon Smith1',
    });
    assert.equal((await show('8218404c20ccf9')).name, 'Jsmith_Studio');
    assert.equal((await show('0004f24fd08e')).csvProfile?.parameters['reg.1.address'], '1001');
  });

  it('PROF-22: no attribute value, no CSV profile', async () => {
    await imported('mac,reg.1.address\n0004f2000001,\n');
    assert.equal((await show('0004f2000001')).csvProfile, null);
  });

  it('secret parameters are sealed, shown as asterisks, and stand in no file of the home', async () => {
    await imported('mac,reg.1.auth.password,acme.secret\n0004f2000001,tops3cret-A,tops3cret-B\n');
    const { csvProfile } = await show('0004f2000001');
    assert.deepEqual(csvProfile?.parameters, { 'acme.secret': '********', 'reg.1.auth.password': '********' });
    for (const name of readdirSync(home.path, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      assert.equal(readFileSync(join(name.parentPath, name.name)).includes('tops3cret'), false, name.name);
    }
  });

  it('the same file twice changes nothing the second time and says so', async () => {
    await groups('EPGroup1', 'EPGroup2');
    await imported(TWO_LINES);
    const before = await exported({ reveal: true });
    const version = (await show('0004f23ea4e1')).version;
    for (const update of ['skip', 'merge', 'overwrite'] as const) {
      assert.deepEqual(counts(await imported(TWO_LINES, { update })), [0, 0, 1, 0, 0], update);
    }
    assert.equal(await exported({ reveal: true }), before);
    assert.equal((await show('0004f23ea4e1')).version, version);
  });

  it('CSV-12, CSV-13: merge adds and updates, overwrite replaces', async () => {
    await groups('A', 'B');
    await imported('mac,name,groups,reg.1.address,reg.1.displayName\n0004f2000001,x,A,1,One\n');
    await imported('mac,groups,reg.1.address,reg.2.address\n0004f2000001,B,9,\n', { update: 'merge' });
    const merged = await show('0004f2000001');
    assert.deepEqual(merged.groups, ['A', 'B']);
    assert.deepEqual(merged.csvProfile?.parameters, { 'reg.1.address': '9', 'reg.1.displayName': 'One' });
    assert.equal(merged.name, 'x');
    await imported('mac,name,groups,reg.2.address\n0004f2000001,,B,7\n', { update: 'overwrite' });
    const replaced = await show('0004f2000001');
    assert.deepEqual(replaced.groups, ['B']);
    assert.deepEqual(replaced.csvProfile?.parameters, { 'reg.2.address': '7' });
    assert.equal(replaced.name, '');
  });

  it('ACCT-11, ACCT-12: accounts replace or append, and leave the line that they were on', async () => {
    await accounts('1001', '1002', '1003');
    await imported('mac,line1.account,line2.account\n0004f2000001,1001,1002\n0004f2000002,1003,\n');
    const lines = async (device: string): Promise<[number, string][]> =>
      (await show(device)).lines.map(({ line, account }) => [line, account]);
    assert.deepEqual(await lines('0004f2000001'), [
      [1, '1001'],
      [2, '1002'],
    ]);
    await imported('mac,line1.account\n0004f2000001,1003\n', { update: 'merge', accounts: 'append' });
    assert.deepEqual(await lines('0004f2000001'), [
      [1, '1001'],
      [2, '1002'],
      [3, '1003'],
    ]);
    assert.deepEqual(await lines('0004f2000002'), []);
    await imported('mac,line1.account\n0004f2000001,1002\n', { update: 'merge' });
    assert.deepEqual(await lines('0004f2000001'), [[1, '1002']]);
    await imported('mac,line1.account\n0004f2000003,1002\n');
    assert.deepEqual(await lines('0004f2000001'), []);
    assert.deepEqual(await lines('0004f2000003'), [[1, '1002']]);
  });

  it('ACCT-10: accounts above the lines of the model are left out and reported', async () => {
    await accounts('1001', '1002', '1003');
    const report = await imported('mac,model,line1.account,line9.account\n0004f2000001,VVX 101,1001,1002\n');
    assert.deepEqual(counts(report), [1, 0, 0, 0, 0]);
    assert.match(report.warnings.join(), /Line 2: a VVX 101 has \d+ lines/);
  });

  it('ERR-01, ERR-02: every row is checked first; errors name line, column, value, reason and remedy', async () => {
    await accounts('1001');
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    const text = `mac,serial,vendor,model,name,site,groups,private_ip,tags,line1.account,reg.1.auth.password,account.1.label
0004f2000001,,,,ok,,,,,,,
xyz,,,,bad mac,,,,,,,
,,,,nobody,,,,,,,
0004f2000001,,,,twice,,,,,,,
0004f2000002,,poly,VXV 450,model,,,,,,,
0004f2000003,,poly,,site,Brlin,,,,,,
0004f2000004,,poly,,group,,Nosuch,,,,,
0004f2000005,,poly,,ip,,,10.0.0,,,,
0004f2000006,,poly,,tag,,,,=x,,,
0004f2000007,,poly,,account,,,,,1002,,
0004f2000008,,poly,,"a
b",,,,,,,
0004f2000009,,poly,,foreign,,,,,,,label
0004f200000a,,poly,,secret,,,,,,"a
b",
`;
    const report = await imported(text);
    assert.equal(report.applied, false);
    assert.deepEqual(counts(report), [0, 0, 0, 0, 12]);
    assert.deepEqual(
      report.errors.map(({ line, column, value }) => [line, column, value]),
      [
        [3, 'mac', 'xyz'],
        [4, 'mac', ''],
        [5, 'mac', '0004f2000001'],
        [6, 'model', 'VXV 450'],
        [7, 'site', 'Brlin'],
        [8, 'groups', 'Nosuch'],
        [9, 'private_ip', '10.0.0'],
        [10, 'tags', '=x'],
        [11, 'line1.account', '1002'],
        [12, 'name', 'a\nb'],
        [14, 'account.1.label', 'label'],
        [15, 'reg.1.auth.password', '********'],
      ],
    );
    for (const { reason, remedy } of report.errors) assert.ok(reason.endsWith('.') && remedy.length > 0, reason);
    assert.match(report.errors[3]?.remedy ?? '', /VVX 450/);
    assert.match(report.errors[4]?.remedy ?? '', /Berlin/);
    assert.match(report.errors[8]?.remedy ?? '', /1001/);
    assert.deepEqual(await all(home.phonectl.devices.list({})), []);
  });

  it('--partial applies the good rows; rejected rows come with their cells', async () => {
    const events: ImportEvent[] = [];
    const report = await imported('mac,name\n0004f2000001,a\nbad,b\n', { partial: true, cells: true }, events);
    assert.deepEqual(counts(report), [1, 0, 0, 0, 1]);
    assert.equal(report.applied, true);
    const [row] = events.filter((event) => event.kind === 'row');
    assert.deepEqual(row?.kind === 'row' && row.cells, ['bad', 'b']);
    assert.equal(row?.kind === 'row' && row.errors?.[0]?.line, 3);
  });

  it('secrets stay with their rows, beside rejected rows and in any number', async () => {
    const rows = Array.from({ length: 6000 }, (_, n) => {
      const mac = n % 3 === 1 ? 'bad' : `0004f2${n.toString(16).padStart(6, '0')}`;
      return `${mac},pw-${n},${n % 3 === 2 ? 'nonsense' : 'sip'}`;
    });
    const report = await imported(`mac,reg.1.auth.password,kind\n${rows.join('\n')}\n`, { partial: true });
    assert.deepEqual(counts(report), [2000, 0, 0, 0, 4000]);
    const text = await exported({ reveal: true, columns: ['mac', 'reg.1.auth.password'] });
    const lines = text.trimEnd().split('\n').slice(1);
    assert.equal(lines.length, 2000);
    for (const line of lines) {
      const [mac = '', password] = line.split(',');
      assert.equal(password, `pw-${Number.parseInt(mac.slice(6), 16)}`);
    }
  });

  it('a dry run says what would be and does nothing', async () => {
    await imported('mac,name\n0004f2000001,a\n');
    const report = await imported('mac,name\n0004f2000001,b\n0004f2000002,c\n', { update: 'merge', dryRun: true });
    assert.deepEqual(counts(report), [1, 1, 0, 0, 0]);
    assert.equal(report.applied, false);
    assert.equal((await show('0004f2000001')).name, 'a');
  });

  it('CSV-15: tells the outcome of every row when asked', async () => {
    const events: ImportEvent[] = [];
    await imported('mac\n0004f2000001\n0004f2000002\n', { details: true }, events);
    assert.deepEqual(
      events
        .filter((event) => event.kind === 'row')
        .map((event) => event.kind === 'row' && [event.line, event.name, event.outcome]),
      [
        [2, '0004f2000001', 'created'],
        [3, '0004f2000002', 'created'],
      ],
    );
  });

  it('GRP-07, B-28: default groups only when they are asked for', async () => {
    await groups('A', 'B');
    await home.phonectl.groups.setDefaults({ groups: ['B', 'A'] });
    await imported('mac\n0004f2000001\n');
    assert.deepEqual((await show('0004f2000001')).groups, []);
    await imported('mac,groups\n0004f2000002,\n0004f2000003,A\n', { defaultGroups: true });
    assert.deepEqual((await show('0004f2000002')).groups, ['B', 'A']);
    assert.deepEqual((await show('0004f2000003')).groups, ['A']);
  });

  it('DEV-40: another MAC or serial number is another device', async () => {
    await imported('mac,serial,name\n0004f2000001,AB12,a\n');
    const report = await imported('mac,serial,name\n0004f2000002,AB12,b\n0004f2000001,AB13,c\n', { update: 'merge' });
    assert.deepEqual(
      report.errors.map(({ line, column }) => [line, column]),
      [
        [2, 'serial'],
        [3, 'serial'],
      ],
    );
    assert.deepEqual(counts(await imported('serial,name\nab12,z\n', { update: 'merge' })), [0, 1, 0, 0, 0]);
    assert.equal((await show('0004f2000001')).name, 'z');
  });

  it('a device known by its serial number may get its MAC; its secrets stay', async () => {
    await imported('serial,type,reg.1.auth.password\nAB12,Polycom Studio,s3cret\n');
    await imported('mac,serial\n00e0db000001,AB12\n', { update: 'merge' });
    const device = await show('00e0db000001', true);
    assert.equal(device.csvProfile?.parameters['reg.1.auth.password'], 's3cret');
  });

  it('MODEL-18: a model that is not approved is refused', async () => {
    await home.phonectl.models.approve({ models: ['T54W'] });
    const report = await imported('mac,model\n0004f2000001,VVX 450\n805ec0000001,T54W\n');
    assert.deepEqual(
      report.errors.map(({ line, column }) => [line, column]),
      [[2, 'model']],
    );
  });

  it('MODEL-18: a device that is there already stays, whatever was approved since', async () => {
    await imported('mac,model,name\n0004f2000001,VVX 450,lobby\n');
    await home.phonectl.models.approve({ models: ['T54W'] });
    const report = await imported('mac,model,name\n0004f2000001,VVX 450,hall\n', { update: 'merge' });
    assert.deepEqual([report.errors, report.summary.updated], [[], 1]);
    const other = await imported('mac,model\n0004f2000001,VVX 250\n', { update: 'merge' });
    assert.deepEqual(
      other.errors.map(({ column }) => column),
      ['model'],
    );
  });

  it('a row of a replaced device is refused', async () => {
    await imported('mac\n0004f2000001\n');
    await home.phonectl.devices.replace({ old: '0004f2000001', new: '0004f2000002' });
    const report = await imported('mac\n0004f2000001\n');
    assert.match(report.errors[0]?.reason ?? '', /replaced by 0004f2000002/);
  });

  it('refuses columns that mean nothing, with names near them; takes parameters of unknown names', async () => {
    await assert.rejects(imported('mac,naem\n'), (error: { code: string; hints: string[] }) => {
      assert.equal(error.code, 'invalid_file');
      assert.match(error.hints.join(), /naem: did you mean name/);
      return true;
    });
    await assert.rejects(imported('name,site\n'), failsWith('invalid_file', /neither a column mac/));
    const report = await imported('mac,vendor,Acme_Thing_2_\n1111220000ff,cisco,x\n');
    assert.match(report.warnings.join(), /Acme_Thing_2_/);
    assert.deepEqual((await show('1111220000ff')).csvProfile?.parameters, { Acme_Thing_2_: 'x' });
  });

  it('the site: named ones pin, addresses decide otherwise', async () => {
    await home.phonectl.sites.add({
      sites: [{ name: 'Berlin', subnets: [{ public: '10.0.0.0/8' }] }, { name: 'Bonn' }],
    });
    await imported('mac,site,private_ip\n0004f2000001,,10.1.1.1\n0004f2000002,bonn,10.1.1.2\n0004f2000003,,\n');
    const sites = await Promise.all(['1', '2', '3'].map(async (n) => await show(`0004f200000${n}`)));
    assert.deepEqual(
      sites.map(({ site, siteMode }) => [site, siteMode]),
      [
        ['Berlin', 'auto'],
        ['Bonn', 'pinned'],
        ['Acme', 'auto'],
      ],
    );
  });

  it('export, import: the same fleet, to the byte of every field', async () => {
    await groups('A|', 'Ünï').catch(() => groups('Ünï'));
    await accounts('+4930123', 'plain');
    await home.phonectl.sites.add({ sites: [{ name: '=Berlin' }] });
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter(
        (value) =>
          !/[\p{Cc}\p{Cs}\u2028-\u202f\u2066-\u2069\u200e\u200f\ufeff\ufffe\uffff]/u.test(value) &&
          value.trim() === value,
      );
    const odd = fc.oneof(
      text,
      fc.constantFrom('=1+1', '+14155550100', '-5', '@x', "'", "'=1", '"q"', 'a,b;c', '#1', '****'),
    );
    const [sample] = fc.sample(fc.array(fc.tuple(odd, odd, odd, odd), { minLength: 40, maxLength: 40 }), {
      numRuns: 1,
      seed: 7,
    });
    for (const [index, [name, description, label, secret]] of (sample ?? []).entries()) {
      const mac = `0004f20000${index.toString(16).padStart(2, '0')}`;
      await home.phonectl.devices.add({
        devices: [
          { mac, name, description, tags: { floor: String(index) }, ...(index % 2 === 0 && { site: '=Berlin' }) },
        ],
      });
      const cells = [mac, label, secret].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
      const report = await imported(`mac,reg.1.label,reg.1.auth.password\n${cells}\n`, { update: 'merge' });
      assert.deepEqual(counts(report), [0, 1, 0, 0, 0], JSON.stringify([label, secret, report.errors]));
    }
    await home.phonectl.devices.assign({
      device: '0004f2000000',
      accounts: [{ account: '+4930123' }, { account: 'plain', line: 3 }],
    });
    await home.phonectl.devices.edit({
      devices: ['0004f2000001'],
      groups: ['Ünï'],
      port: '+7',
      controlUrl: 'https://10.0.0.9:8443',
    });

    const plain = await exported();
    for (const update of ['skip', 'merge', 'overwrite'] as const) {
      assert.deepEqual(counts(await imported(plain, { update })), [0, 0, 40, 0, 0], update);
    }
    for (const separator of ['comma', 'semicolon', 'tab'] as const) {
      const whole = await exported({ reveal: true, separator, bom: true });
      await home.phonectl.devices.delete({ selector: { all: true } });
      assert.deepEqual(counts(await imported(whole)), [40, 0, 0, 0, 0]);
      assert.equal(await exported({ reveal: true, separator, bom: true }), whole);
    }
  });

  it('DEV-53, DEV-55: chosen columns, and those of the manual', async () => {
    await groups('EPGroup1', 'EPGroup2');
    await imported(TWO_LINES);
    await imported(STUDIO);
    await imported('mac,model\n0004f2000001,VVX 450\n');
    assert.equal(
      await exported({ columns: ['mac', 'model', 'lines', 'site'], selector: { refs: ['0004f2000001'] } }),
      'mac,model,lines,site\n0004f2000001,VVX 450,34,Acme\n',
    );
    await assert.rejects(exported({ columns: ['mak'] }), failsWith('usage', /mak/));
    const manual = await exported({ format: 'manual' });
    assert.match(manual, /^mac_address,serial_number,endpoint_name,endpoint_type,endpoint_group,reg\.1\.address,/);
    assert.match(manual, /,Polycom Studio,/);
    assert.deepEqual(counts(await imported(manual, { update: 'overwrite' })), [0, 0, 3, 0, 0]);
  });

  it('DEV-55: passwords only with reveal, and that is recorded', async () => {
    await imported('mac,reg.1.auth.password\n0004f2000001,tops3cret\n');
    assert.doesNotMatch(await exported(), /tops3cret/);
    assert.match(await exported({ reveal: true }), /tops3cret/);
    const report = await imported((await exported()).replace('0004f2000001', '0004f2000002'));
    assert.match(report.errors[0]?.remedy ?? '', /--reveal/);
  });

  it('CSV-17: the template imports as nothing, names models and sites', async () => {
    const { csv } = await home.phonectl.devices.template({});
    assert.match(csv, /VVX 450/);
    assert.match(csv, /# {3}Acme, Internet, Intranet/);
    assert.deepEqual(counts(await imported(csv)), [0, 0, 0, 0, 0]);
    const sample = csv.replace(/^# (0004f2.*)$/m, '').trimEnd();
    assert.deepEqual(
      counts(await imported(`${sample}\n0004f2abcdef,,poly,VVX 450,,reception,,,,10.0.0.1,floor=0,\n`)),
      [1, 0, 0, 0, 0],
    );
  });

  it('opens the enrolment windows of new devices, to the networks of their sites', async () => {
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin', subnets: [{ public: '10.0.0.0/8' }] }] });
    await imported('mac,private_ip\n0004f2000001,10.1.1.1\n');
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(home.path, 'phonectl.db'), { readOnly: true });
    const row = database.prepare('SELECT networks, closes_at - opened_at AS open FROM enrolment').get();
    database.close();
    assert.deepEqual({ ...row }, { networks: '["10.0.0.0/8"]', open: 72 * 3600 * 1000 });
  });
});
