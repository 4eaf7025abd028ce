import assert from 'node:assert/strict';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith, textOf } from '../support/streams.ts';

describe('device groups', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({
      devices: [1, 2, 3].map((one) => ({ mac: `0004f200000${one}`, model: one === 3 ? 'VVX 450' : 'VVX 311' })),
    });
  });
  afterEach(async () => {
    await home.remove();
  });

  async function groupsOf(device: string): Promise<readonly string[]> {
    return (await home.phonectl.devices.show({ device })).groups;
  }
  async function order(): Promise<string[]> {
    return (await all(home.phonectl.groups.list({}))).map(({ name }) => name);
  }

  it('GRP-01, GRP-02, B-09: a device is in several groups, the newest the lowest', async () => {
    const { groups } = home.phonectl;
    await groups.add({ groups: [{ name: 'a' }, { name: 'b' }], devices: { refs: ['0004f2000001'] } });
    const written = await groups.add({ groups: [{ name: 'c' }], devices: { models: ['VVX 311'] } });
    assert.equal(written.devicesAdded, 2);
    assert.deepEqual(await groupsOf('0004f2000001'), ['a', 'b', 'c']);
    assert.deepEqual(await order(), ['a', 'b', 'c']);
    await assert.rejects(groups.add({ groups: [{ name: 'A' }] }), failsWith('exists', /A/));
    assert.deepEqual(
      (await all(groups.list({ search: '2000002' }))).map(({ name }) => name),
      ['c'],
    );
  });

  it('GRP-03: members come and go by selector, and their files are other ones then', async () => {
    const { groups, devices } = home.phonectl;
    await groups.add({ groups: [{ name: 'a' }] });
    const { version } = await devices.show({ device: '0004f2000003' });
    const added = await groups.edit({ group: 'a', name: 'b', addDevices: { all: true } });
    assert.deepEqual([added.devicesAdded, added.groups[0]!.deviceCount], [3, 3]);
    assert.ok((await devices.show({ device: '0004f2000003' })).version > version);
    const again = await groups.edit({ group: 'b', addDevices: { all: true } });
    assert.equal(again.devicesAdded, 0);
    const removed = await groups.edit({ group: 'b', removeDevices: { models: ['VVX 450'] } });
    assert.deepEqual([removed.devicesRemoved, removed.groups[0]!.deviceCount], [1, 2]);
  });

  it('GRP-04: deleting a group ends its associations; the devices stay', async () => {
    const { groups } = home.phonectl;
    await groups.add({ groups: [{ name: 'a' }, { name: 'b' }], devices: { all: true } });
    assert.deepEqual(await groups.delete({ groups: ['a'] }), { deleted: ['a'], devices: 3 });
    assert.deepEqual(await groupsOf('0004f2000001'), ['b']);
    await assert.rejects(groups.delete({ groups: ['c'] }), failsWith('not_found'));
  });

  it('GRP-05: top makes a group the highest of each of its devices', async () => {
    const { groups } = home.phonectl;
    await groups.add({ groups: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], devices: { all: true } });
    await groups.edit({ group: 'c', removeDevices: { refs: ['0004f2000002'] } });
    assert.equal((await groups.top({ group: 'c' })).rank, 1);
    assert.deepEqual(await order(), ['c', 'a', 'b']);
    assert.deepEqual(await groupsOf('0004f2000001'), ['c', 'a', 'b']);
    assert.deepEqual(await groupsOf('0004f2000002'), ['a', 'b']);
    await groups.top({ group: 'b' });
    assert.deepEqual(await order(), ['b', 'c', 'a']);
    assert.deepEqual(await groupsOf('0004f2000001'), ['b', 'c', 'a']);
  });

  it('GRP-06: default groups have an order of their own, and can be cleared', async () => {
    const { groups } = home.phonectl;
    await groups.add({ groups: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
    await groups.setDefaults({ groups: ['c', 'a'] });
    const names = async (): Promise<string[]> => (await all(groups.defaults({}))).map(({ name }) => name);
    assert.deepEqual(await names(), ['c', 'a']);
    await assert.rejects(groups.setDefaults({ groups: ['a', 'A'] }), failsWith('invalid_input', /twice/));
    await groups.setDefaults({ groups: [] });
    assert.deepEqual(await names(), []);
  });

  it('PLAT-17: a file sets names, descriptions, order and defaults, and comes back as unchanged', async () => {
    const { groups } = home.phonectl;
    await groups.add({ groups: [{ name: 'old' }, { name: 'a', description: 'x' }] });
    const file = 'Group Name,description,default\nz,Z,2\na,A,1\n';
    const report = await groups.import({ source: bytes(file) });
    assert.deepEqual([report.summary.created, report.summary.updated], [1, 1]);
    assert.deepEqual(await order(), ['z', 'a', 'old']);
    assert.deepEqual(
      (await all(groups.defaults({}))).map(({ name }) => name),
      ['a', 'z'],
    );
    const exported = await textOf(groups.export({}));
    const again = await groups.import({ source: bytes(exported) });
    assert.deepEqual([again.summary.unchanged, again.applied], [3, false]);
    const bad = await groups.import({ source: bytes('name,default\nq,first\n,\nq,\n') });
    assert.deepEqual([bad.summary.rejected, bad.applied], [2, false]);
  });
});
