import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { callStream, callValue } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { AnyOperation } from '../../src/sdk/operation.ts';
import { accounts } from '../../src/sdk/operations/accounts.ts';
import { sites } from '../../src/sdk/operations/sites.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith } from '../support/streams.ts';

describe('sites and their devices', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  async function siteOf(device: string): Promise<string> {
    return (await home.phonectl.devices.show({ device })).site;
  }

  it('B-01, SITE-03: devices follow their addresses whenever subnets change; pinned ones stay', async () => {
    const { sites, devices } = home.phonectl;
    await sites.add({ sites: [{ name: 'Home' }] });
    await devices.add({
      devices: [
        { mac: '0004f2000001', privateIp: '10.33.24.7' },
        { mac: '0004f2000002', privateIp: '10.33.24.8', site: 'Home' },
      ],
    });
    assert.equal(await siteOf('0004f2000001'), 'Internet');
    const { version } = await devices.show({ device: '0004f2000001' });
    const added = await sites.add({ sites: [{ name: 'A', subnets: [{ public: '10.0.0.0/8' }] }] });
    assert.equal(added.devicesMoved, 1);
    assert.equal(await siteOf('0004f2000001'), 'A');
    assert.ok((await devices.show({ device: '0004f2000001' })).version > version, 'its files are other ones now');
    await sites.add({ sites: [{ name: 'B' }] });
    await sites.addSubnet({ site: 'B', public: '10.33.24.0/24' });
    assert.equal(await siteOf('0004f2000001'), 'B');
    await sites.edit({ sites: ['B'], subnets: [] });
    assert.equal(await siteOf('0004f2000001'), 'A');
    await sites.import({ source: bytes('site_name,subnets\nA,\n') });
    assert.equal(await siteOf('0004f2000001'), 'Internet');
    assert.equal(await siteOf('0004f2000002'), 'Home');
  });

  it('SITE-12: a site tells how many devices it has', async () => {
    const { sites, devices } = home.phonectl;
    await sites.add({ sites: [{ name: 'A' }] });
    await devices.add({ devices: [1, 2, 3].map((one) => ({ mac: `0004f200000${one}`, site: 'A' })) });
    assert.equal((await sites.show({ site: 'A' })).deviceCount, 3);
  });

  it('B-03, ERR-03, SITE-16, SITE-17: pinned devices keep a site unless they may migrate; children go when asked', async () => {
    const { sites, devices, accounts } = home.phonectl;
    await sites.add({
      sites: [
        { name: 'A', subnets: [{ public: '10.0.0.0/8' }] },
        { name: 'B', parent: 'A' },
        { name: 'C', parent: 'B' },
      ],
    });
    await devices.add({
      devices: [
        { mac: '0004f2000001', site: 'C' },
        { mac: '0004f2000002', privateIp: '10.1.1.1' },
      ],
    });
    await accounts.add({ accounts: [{ type: 'sip', name: '1', username: '1', server: 'pbx', site: 'C' }] });
    await assert.rejects(sites.delete({ sites: ['A'] }), failsWith('in_use', /B/));
    await assert.rejects(sites.delete({ sites: ['A'], recursive: true }), failsWith('in_use', /pinned/));
    const deleted = await sites.delete({ sites: ['A'], recursive: true, migrate: true });
    assert.deepEqual(
      { ...deleted, deleted: [...deleted.deleted].sort() },
      { deleted: ['A', 'B', 'C'], devicesMoved: 2, devicesUnpinned: 1, accountsMoved: 1 },
    );
    assert.equal(await siteOf('0004f2000002'), 'Internet');
    assert.equal(await siteOf('0004f2000001'), 'Acme', 'no address is known of it');
    assert.equal((await accounts.show({ account: '1' })).site, 'Acme');
  });

  it('moves 50,000 devices when a subnet changes, within seconds', async () => {
    await home.phonectl.close();
    const database = new DatabaseSync(`${home.path}/phonectl.db`);
    database.exec(`INSERT INTO device (enterprise_id, mac, site_id, private_ip, created_at, updated_at)
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
      SELECT 1, printf('0004f2%06x', i), 2, printf('10.%d.%d.%d', i / 60000, (i / 250) % 250, i % 250), 0, 0 FROM n`);
    database.close();
    const started = process.cpuUsage();
    const added = await home.phonectl.sites.add({ sites: [{ name: 'A', subnets: [{ public: '10.0.0.0/9' }] }] });
    const { user, system } = process.cpuUsage(started);
    assert.equal(added.devicesMoved, 50_000);
    assert.ok(user + system < 8_000_000, `${user + system} µs of CPU`);
    const again = await home.phonectl.sites.addSubnet({ site: 'A', public: '10.200.0.0/16' });
    assert.equal(again.devicesMoved, 0);
  });

  it('every write is in the operation log, in its own words', async () => {
    const { sites } = home.phonectl;
    await sites.add({ sites: [{ name: 'A' }] });
    await sites.delete({ sites: ['A'] });
    await sites.delete({ sites: ['Intranet'], dryRun: true });
    const { logs } = home.phonectl;
    const entries = (await all(logs.list({}))).map(({ operation, object }) => `${operation} ${object}`);
    assert.deepEqual(entries, ['site.delete site:a', 'site.add site:a', 'home.init home']);
  });
});

describe('sites for somebody who may see some of them only', () => {
  let home: TestHome;
  before(async () => {
    home = await makeHome();
    const { sites, accounts } = home.phonectl;
    await sites.add({ sites: [{ name: 'Mine' }, { name: 'Theirs', description: 'Mine, in words' }] });
    const sip = { type: 'sip' as const, username: '1', server: 'pbx' };
    await accounts.add({
      accounts: [
        { ...sip, name: 'm', site: 'Mine' },
        { ...sip, name: 't', site: 'Theirs' },
      ],
    });
    await accounts.add({ accounts: [{ ...sip, name: 'none' }] });
  });
  after(async () => {
    await home.remove();
  });

  async function call(table: 'sites' | 'accounts', verb: string, input: unknown): Promise<unknown> {
    const { id } = await home.phonectl.sites.show({ site: 'Mine' });
    const installation = await openInstallation({ home: home.path });
    const operations = { sites, accounts }[table] as Readonly<Record<string, AnyOperation>>;
    const actor = { kind: 'key' as const, name: 'limited', source: '10.0.0.1' };
    const caller = { actor, scope: [id], permissions: ['*'] };
    const request = { name: `${table}.${verb}`, operation: operations[verb]!, input, caller };
    try {
      return operations[verb]!.kind === 'value'
        ? await callValue(installation, request)
        : await all(callStream(installation, request));
    } finally {
      await installation.store.close();
    }
  }

  it('F-17: lists, finds, searches and exports the own ones only', async () => {
    const names = async (table: 'sites' | 'accounts', input: object): Promise<string[]> =>
      ((await call(table, 'list', input)) as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(await names('sites', {}), ['Mine']);
    assert.deepEqual(await names('sites', { search: 'mine' }), ['Mine']);
    assert.deepEqual(await names('accounts', {}), ['m']);
    assert.doesNotMatch(((await call('accounts', 'export', {})) as string[]).join(''), /\bt\b/);
    await assert.rejects(call('sites', 'show', { site: 'Theirs' }), failsWith('not_found'));
    await assert.rejects(call('accounts', 'show', { account: 't' }), failsWith('not_found'));
    await assert.rejects(call('accounts', 'show', { account: 'none' }), failsWith('not_found'));
  });

  it('F-17: changes the own ones only, and no subnets, which decide over all devices', async () => {
    await assert.rejects(call('sites', 'edit', { sites: ['Theirs'], description: 'x' }), failsWith('not_found'));
    await assert.rejects(call('sites', 'delete', { sites: ['Theirs'] }), failsWith('not_found'));
    await assert.rejects(call('sites', 'add', { sites: [{ name: 'new' }] }), failsWith('not_found'));
    const wide = { site: 'Mine', public: '0.0.0.0/0' };
    await assert.rejects(call('sites', 'addSubnet', wide), failsWith('forbidden'));
    await assert.rejects(
      call('sites', 'edit', { sites: ['Mine'], subnets: [{ public: '0.0.0.0/0' }] }),
      failsWith('forbidden'),
    );
    await assert.rejects(call('accounts', 'edit', { accounts: ['t'], label: 'x' }), failsWith('not_found'));
    await assert.rejects(call('accounts', 'delete', { accounts: ['t'] }), failsWith('not_found'));
    await call('sites', 'edit', { sites: ['Mine'], description: 'x' });
    const source = bytes('type,name,username,server,site\nsip,t,9,pbx,Mine\nsip,new,9,pbx,\nsip,x,9,pbx,Theirs\n');
    const report = (await call('accounts', 'import', { source, update: 'overwrite' })) as {
      summary: { rejected: number };
    };
    assert.equal(report.summary.rejected, 3);
  });
});
