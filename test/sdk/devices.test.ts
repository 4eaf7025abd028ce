import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Device } from '../../src/sdk/devices/device.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, failsWith } from '../support/streams.ts';

const MAC = '0004f2000001';

describe('devices', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  type NewDevice = Parameters<TestHome['phonectl']['devices']['add']>[0]['devices'][number];

  async function add(...devices: NewDevice[]): Promise<readonly Device[]> {
    return (await home.phonectl.devices.add({ devices })).devices;
  }
  async function addAccount(name: string, type: 'sip' | 'yms' = 'sip', username = name): Promise<void> {
    const fields = type === 'sip' ? { username, server: 'sip.example.com' } : { username, server: 'yms.example.com' };
    await home.phonectl.accounts.add({ accounts: [{ type, name, ...fields }] });
  }
  async function listed(input: Parameters<TestHome['phonectl']['devices']['list']>[0] = {}): Promise<string[]> {
    return (await all(home.phonectl.devices.list(input))).map(({ name, mac }) => name || (mac ?? ''));
  }
  async function show(device: string): ReturnType<TestHome['phonectl']['devices']['show']> {
    return await home.phonectl.devices.show({ device });
  }

  it('DEV-01, DEV-06: adds a device before it is on the network, in any spelling of its MAC', async () => {
    const [device] = await add({ mac: '00:04:F2:00:00:01', model: 'vvx450', name: 'reception', machineId: 'm-1' });
    assert.equal(device?.mac, MAC);
    assert.equal(device?.model, 'VVX 450');
    assert.equal(device?.vendor, 'poly');
    assert.equal(device?.status, 'offline');
    assert.equal(device?.siteMode, 'auto');
    assert.equal(device?.machineId, 'm-1');
  });

  it('DEV-02, MODEL-17: other devices by their serial number, phones by their MAC', async () => {
    const [studio] = await add({ serial: '8218404C20CCF9', type: 'Polycom Studio', name: 'Room' });
    assert.equal(studio?.serial, '8218404c20ccf9');
    await assert.rejects(add({ mac: MAC, type: 'Polycom Studio' }), failsWith('invalid_input', /serial number/));
    await assert.rejects(add({ serial: '12345678', model: 'VVX 450' }), failsWith('invalid_input', /MAC/));
    await assert.rejects(add({ name: 'x' }), failsWith('invalid_input', /MAC address or a serial/));
  });

  it('adds all or none, and says what is wrong', async () => {
    await assert.rejects(
      add({ mac: MAC }, { mac: '0004f2000002', model: 'VXV 450' }),
      failsWith('invalid_input', /VXV 450/),
    );
    assert.deepEqual(await listed(), []);
    await add({ mac: MAC });
    await assert.rejects(add({ mac: MAC }), failsWith('exists', /0004f2000001/));
    await assert.rejects(add({ mac: 'no mac' }), failsWith('invalid_input'));
  });

  it('VAL-12: a MAC of another maker is a warning, never an error', async () => {
    const { warnings } = await home.phonectl.devices.add({ devices: [{ mac: '805ec0000001', model: 'VVX 450' }] });
    assert.match(warnings.join(), /yealink/);
  });

  it('MODEL-18: only approved models, once one is approved', async () => {
    await home.phonectl.models.approve({ models: ['T54W'] });
    await assert.rejects(add({ mac: MAC, model: 'VVX 450' }), failsWith('conflict', /not approved/));
    await add({ mac: '805ec0000001', model: 'T54W' });
  });

  it('finds a device by MAC, serial, name, extension, address and id', async () => {
    await addAccount('anna', 'sip', '1001');
    const [device] = await add({
      mac: MAC,
      serial: 'abcd1234',
      name: 'Réception',
      privateIp: '10.0.0.7',
      accounts: [{ account: 'anna' }],
    });
    for (const reference of [
      '0004.f200.0001',
      'ABCD1234',
      're\u0301CEPTION',
      '1001',
      'anna',
      '10.0.0.7',
      String(device?.id),
    ]) {
      assert.equal((await show(reference)).mac, MAC, reference);
    }
  });

  it('an ambiguous reference lists the candidates, an unknown one suggests', async () => {
    await add({ mac: MAC, name: 'lobby' }, { mac: '0004f2000002', name: 'lobby' });
    await assert.rejects(show('lobby'), (error: { code: string; details: { candidates: unknown[] } }) => {
      assert.equal(error.code, 'ambiguous');
      assert.equal(error.details.candidates.length, 2);
      return true;
    });
    await assert.rejects(show('loby'), (error: { code: string; hints: string[] }) => {
      assert.equal(error.code, 'not_found');
      assert.match(error.hints.join(), /lobby/);
      return true;
    });
    await assert.rejects(show('0004f2000003'), failsWith('not_found'));
  });

  it('PLAT-05, PLAT-06, DEV-19: search in names, addresses, accounts, descriptions, sites and groups', async () => {
    await home.phonectl.sites.add({ sites: [{ name: 'Köln', description: 'Am Dom' }] });
    await home.phonectl.groups.add({ groups: [{ name: 'Sales' }] });
    await addAccount('anna', 'sip', '4711');
    await add(
      { mac: MAC, name: 'a', site: 'köln' },
      { mac: '0004f2000002', name: 'b', groups: ['sales'] },
      { mac: '0004f2000003', name: 'c', accounts: [{ account: 'anna' }], privateIp: '10.9.8.7' },
      { mac: '0004f2000004', name: 'd', description: 'Über der Tür' },
    );
    assert.deepEqual(await listed({ search: 'am dom' }), ['a']);
    assert.deepEqual(await listed({ search: 'SALES' }), ['b']);
    assert.deepEqual(await listed({ search: '471' }), ['c']);
    assert.deepEqual(await listed({ search: '9.8' }), ['c']);
    assert.deepEqual(await listed({ search: 'tür' }), ['d']);
    assert.deepEqual(await listed({ search: '00:04:f2:00:00:03' }), ['c']);
    assert.deepEqual(await listed({ search: '%' }), []);
  });

  it('DEV-51, PLAT-12, PLAT-13: filters, sorts and pages over the whole set', async () => {
    await add(
      { mac: MAC, name: 'c', model: 'VVX 450' },
      { mac: '805ec0000001', name: 'a', model: 'T54W', tags: { floor: '2' } },
      { mac: '0004f2000002', name: 'b', model: 'VVX 250' },
    );
    assert.deepEqual(await listed(), ['a', 'b', 'c']);
    assert.deepEqual(await listed({ sort: '-name' }), ['c', 'b', 'a']);
    assert.deepEqual(await listed({ limit: 1, offset: 1 }), ['b']);
    assert.deepEqual(await listed({ vendors: ['polycom'], sort: 'model' }), ['b', 'c']);
    assert.deepEqual(await listed({ models: ['vvx450'] }), ['c']);
    assert.deepEqual(await listed({ tags: { floor: '2' } }), ['a']);
    assert.deepEqual(await listed({ statuses: ['offline'], vendors: ['yealink'] }), ['a']);
    assert.deepEqual(await listed({ statuses: ['online'] }), []);
    await assert.rejects(listed({ statuses: ['ofline'] }), failsWith('usage', /ofline/));
    await assert.rejects(listed({ sort: 'nonsense' }), failsWith('usage'));
    await assert.rejects(listed({ groups: ['nosuch'] }), failsWith('not_found'));
  });

  it('DEV-11, DEV-42, B-01: edits names, addresses, tags, groups in order, site and its pin', async () => {
    await home.phonectl.groups.add({ groups: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] });
    await home.phonectl.sites.add({
      sites: [{ name: 'Berlin', subnets: [{ public: '10.0.0.0/8' }] }, { name: 'Bonn' }],
    });
    const { devices } = home.phonectl;
    await add({ mac: MAC, name: 'x', groups: ['B', 'A'], tags: { floor: '1', vip: '' } });
    await devices.edit({
      devices: [MAC],
      name: 'y',
      privateIp: '10.1.2.3',
      addGroups: ['C'],
      removeGroups: ['a'],
      tags: { floor: '2' },
      removeTags: ['vip'],
    });
    const edited = await show(MAC);
    assert.equal(edited.name, 'y');
    assert.deepEqual(edited.groups, ['B', 'C']);
    assert.deepEqual(edited.tags, { floor: '2' });
    assert.equal(edited.site, 'Berlin');
    await devices.edit({ devices: ['y'], site: 'bonn' });
    assert.deepEqual([(await show(MAC)).site, (await show(MAC)).siteMode], ['Bonn', 'pinned']);
    await devices.edit({ devices: ['y'], unpin: true });
    assert.deepEqual([(await show(MAC)).site, (await show(MAC)).siteMode], ['Berlin', 'auto']);
    assert.ok((await show(MAC)).version > edited.version);
  });

  it('SITE-24: pins many devices to a site at once', async () => {
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await add({ mac: MAC, name: 'a' }, { mac: '0004f2000002', name: 'b' });
    await home.phonectl.devices.edit({ devices: ['a', 'b'], site: 'Berlin' });
    assert.deepEqual(await listed({ sites: ['berlin'] }), ['a', 'b']);
  });

  it('a dry run changes nothing and leaves no entry', async () => {
    await add({ mac: MAC, name: 'a' });
    await home.phonectl.devices.edit({ devices: ['a'], name: 'b', dryRun: true });
    await home.phonectl.devices.delete({ selector: { refs: ['a'] }, dryRun: true });
    assert.deepEqual(await listed(), ['a']);
  });

  it('ACCT-08, ACCT-12: an account sits on one line; moving it clears the old one', async () => {
    await addAccount('1001');
    await addAccount('1002');
    await add(
      { mac: MAC, name: 'a', model: 'VVX 450', accounts: [{ account: '1001' }, { account: '1002', line: 3 }] },
      { mac: '0004f2000002', name: 'b' },
    );
    assert.deepEqual(
      (await show('a')).lines.map(({ line, account }) => [line, account]),
      [
        [1, '1001'],
        [3, '1002'],
      ],
    );
    const before = (await show('a')).version;
    const { warnings } = await home.phonectl.devices.assign({ device: 'b', accounts: [{ account: 'sip:1001' }] });
    assert.match(warnings.join(), /left line 1 of a/);
    assert.deepEqual(
      (await show('a')).lines.map(({ account }) => account),
      ['1002'],
    );
    assert.ok((await show('a')).version > before);
    await home.phonectl.devices.unassign({ device: 'a', lines: [3] });
    assert.deepEqual((await show('a')).lines, []);
    await assert.rejects(home.phonectl.devices.unassign({ device: 'a', lines: [3] }), failsWith('not_found'));
    await assert.rejects(
      home.phonectl.devices.assign({ device: 'b', accounts: [{ account: '1003' }] }),
      failsWith('not_found'),
    );
  });

  it('ACCT-10: no more accounts than the model has lines', async () => {
    await addAccount('1001');
    await add({ mac: MAC, name: 'a', model: 'VVX 101' });
    await assert.rejects(
      home.phonectl.devices.assign({ device: 'a', accounts: [{ account: '1001', line: 9 }] }),
      failsWith('conflict', /line 9/),
    );
  });

  it('an account name that two types have needs its type', async () => {
    await addAccount('1001', 'sip');
    await addAccount('1001', 'yms');
    await add({ mac: MAC, name: 'a' });
    await assert.rejects(
      home.phonectl.devices.assign({ device: 'a', accounts: [{ account: '1001' }] }),
      failsWith('ambiguous'),
    );
    await home.phonectl.devices.assign({ device: 'a', accounts: [{ account: 'yms:1001' }] });
    assert.equal((await show('a')).lines[0]?.type, 'yms');
  });

  it('DEV-08, DEV-10: deletes devices with what is theirs; accounts are free again', async () => {
    await addAccount('1001');
    await add({ mac: MAC, name: 'a', accounts: [{ account: '1001' }] }, { mac: '0004f2000002', name: 'b' });
    assert.equal((await home.phonectl.devices.delete({ selector: { refs: ['a'] } })).count, 1);
    assert.deepEqual(await listed(), ['b']);
    await home.phonectl.devices.assign({ device: 'b', accounts: [{ account: '1001' }] });
    await assert.rejects(home.phonectl.devices.delete({ selector: {} }), failsWith('usage'));
  });

  it('replace: same intent, new MAC, the old one refused', async () => {
    await addAccount('1001');
    await home.phonectl.groups.add({ groups: [{ name: 'A' }] });
    await add({
      mac: MAC,
      name: 'a',
      groups: ['A'],
      accounts: [{ account: '1001' }],
      description: 'd',
      model: 'VVX 450',
    });
    const { device } = await home.phonectl.devices.replace({ old: 'a', new: '00-04-f2-00-00-99' });
    assert.equal(device.mac, '0004f2000099');
    assert.deepEqual([device.name, device.description, device.groups, device.lines.length], ['a', 'd', ['A'], 1]);
    assert.deepEqual(await listed(), ['a']);
    assert.equal((await show(MAC)).replacedBy, '0004f2000099');
    await assert.rejects(
      home.phonectl.devices.edit({ devices: [MAC], name: 'z' }),
      failsWith('conflict', /replaced by 0004f2000099/),
    );
    await assert.rejects(home.phonectl.devices.replace({ old: 'a', new: MAC }), failsWith('exists'));
    await assert.rejects(home.phonectl.devices.replace({ old: 'a', new: 'xyz' }), failsWith('invalid_input'));
  });

  it('DEV-40: a device keeps its serial number once it has one', async () => {
    await add({ mac: MAC, name: 'a' });
    await home.phonectl.devices.edit({ devices: ['a'], serial: 'AB12' });
    await assert.rejects(home.phonectl.devices.edit({ devices: ['a'], serial: 'AB13' }), failsWith('conflict'));
  });

  it('a write is refused when the device has changed meanwhile (If-Match)', async () => {
    const [device] = await add({ mac: MAC, name: 'a' });
    await home.phonectl.devices.edit({ devices: ['a'], name: 'b' });
    await assert.rejects(
      home.phonectl.devices.edit({ devices: ['b'], name: 'c' }, { ifVersion: device!.version }),
      failsWith('stale'),
    );
  });

  it('phones in quarantine stand in what needs a human, with the command to type', async () => {
    await add({ mac: MAC, name: 'a' });
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(home.path, 'phonectl.db'));
    database.exec(
      `INSERT INTO quarantine VALUES (1, '805ec0a1b2c3', 1, 2, 1, '10.0.0.9', 'Yealink', 'yealink', 'T53W', '95.86')`,
    );
    database.close();
    assert.deepEqual(await listed(), ['a']);
    const [stranger, ...more] = await all(home.phonectl.devices.list({ attention: true }));
    assert.deepEqual(more, []);
    assert.equal(stranger?.status, 'quarantined');
    assert.equal(stranger?.attention, 'phonectl device approve 805ec0a1b2c3');
    assert.deepEqual(await listed({ statuses: ['quarantined'], search: 't53' }), ['805ec0a1b2c3']);
    assert.deepEqual(await listed({ statuses: ['quarantined'], vendors: ['poly'] }), []);
    assert.deepEqual(await home.phonectl.devices.count({}), { total: 1, attention: 1 });
  });

  it('names with control characters are refused, hostile ones stay what they are', async () => {
    await assert.rejects(add({ mac: MAC, name: 'a\nb' }), failsWith('invalid_input'));
    await assert.rejects(add({ mac: MAC, name: 'x'.repeat(100_000) }), failsWith('invalid_input'));
    await add({ mac: MAC, name: '"><evil a="' });
    assert.equal((await show(MAC)).name, '"><evil a="');
  });
});
