import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Site } from '../../src/sdk/sites/site.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith, textOf } from '../support/streams.ts';

describe('sites', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  async function names(): Promise<string[]> {
    return (await all(home.phonectl.sites.list({}))).map(({ name }) => name);
  }
  async function show(site: string): Promise<Site> {
    return await home.phonectl.sites.show({ site });
  }

  it('B-02: the company is the root, Internet and Intranet lie below it', async () => {
    const sites = await all(home.phonectl.sites.list({}));
    assert.deepEqual(
      sites.map(({ name, kind, parent }) => [name, kind, parent]),
      [
        ['Acme', 'company', null],
        ['Internet', 'internet', 'Acme'],
        ['Intranet', 'intranet', 'Acme'],
      ],
    );
  });

  it('SITE-01, SITE-14: adds sites under a parent, all or none', async () => {
    const { sites } = home.phonectl;
    const added = await sites.add({
      sites: [
        { name: 'Berlin', description: 'Head office', location: 'Mitte', subnets: [{ public: '20.1.0.0/16' }] },
        { name: 'Floor 1', parent: 'berlin' },
      ],
    });
    assert.deepEqual(
      added.sites.map(({ name, parent }) => [name, parent]),
      [
        ['Berlin', 'Acme'],
        ['Floor 1', 'Berlin'],
      ],
    );
    await assert.rejects(sites.add({ sites: [{ name: 'Paris' }, { name: 'BERLIN' }] }), failsWith('exists', /BERLIN/));
    await assert.rejects(sites.add({ sites: [{ name: ' ' }] }), failsWith('invalid_input', /is empty/));
    await assert.rejects(sites.add({ sites: [{ name: 'a\u202eb' }] }), failsWith('invalid_input', /U\+202E/));
    assert.deepEqual(await names(), ['Acme', 'Berlin', 'Floor 1', 'Internet', 'Intranet']);
  });

  it('I18N-02: names in other scripts are kept, and found in either Unicode form', async () => {
    await home.phonectl.sites.add({ sites: [{ name: '北京办事处' }, { name: 'Zu\u0308rich' }] });
    assert.equal((await show('北京办事处')).name, '北京办事处');
    assert.equal((await show('Z\u00dcRICH')).name, 'Zu\u0308rich');
  });

  it('PLAT-05, PLAT-06, SITE-13: search goes without case over descriptions, parents and subnets', async () => {
    const { sites } = home.phonectl;
    await sites.add({
      sites: [
        {
          name: 'Berlin',
          description: 'Große Straße',
          subnets: [{ public: '20.1.0.0/16', private: ['10.33.24.0/24'] }],
        },
        { name: 'Floor', parent: 'Berlin' },
        { name: '100%_sure' },
      ],
    });
    const search = async (text: string): Promise<string[]> =>
      (await all(sites.list({ search: text }))).map(({ name }) => name);
    assert.deepEqual(await search('BERL'), ['Berlin', 'Floor']);
    assert.deepEqual(await search('GROSSE'), []);
    assert.deepEqual(await search('große straße'), ['Berlin', 'Floor']);
    assert.deepEqual(await search('10.33'), ['Berlin']);
    assert.deepEqual(await search('%_'), ['100%_sure']);
    assert.deepEqual(await search('\\'), []);
  });

  it('PLAT-12, PLAT-13: sorts and pages over the whole list', async () => {
    const { sites } = home.phonectl;
    await sites.add({ sites: ['c', 'a', 'b'].map((name) => ({ name })) });
    const page = async (sort: string, offset: number): Promise<string[]> =>
      (await all(sites.list({ sort, limit: 2, offset }))).map(({ name }) => name);
    assert.deepEqual(await page('name', 0), ['a', 'Acme']);
    assert.deepEqual(await page('-name', 0), ['Intranet', 'Internet']);
    assert.deepEqual(await page('name:desc', 2), ['c', 'b']);
    await assert.rejects(page('nosuch', 0), failsWith('usage', /nosuch/));
  });

  it('a cycle in the tree is refused', async () => {
    const { sites } = home.phonectl;
    await sites.add({ sites: [{ name: 'A' }, { name: 'B', parent: 'A' }, { name: 'C', parent: 'B' }] });
    await assert.rejects(sites.edit({ sites: ['A'], parent: 'C' }), failsWith('conflict', /below/));
    await assert.rejects(sites.edit({ sites: ['A'], parent: 'A' }), failsWith('conflict'));
  });

  it('SITE-07, SITE-22: Internet keeps its fields and has no download path; SITE-02: the company stays', async () => {
    const { sites } = home.phonectl;
    for (const change of [{ name: 'x' }, { description: 'x' }, { location: 'x' }, { subnets: [] }]) {
      await assert.rejects(sites.edit({ sites: ['Internet'], ...change }), failsWith('protected'));
    }
    const path = 'https://relay.example.net';
    await assert.rejects(sites.edit({ sites: ['Internet'], downloadPath: path }), failsWith('protected', /download/));
    await assert.rejects(sites.addSubnet({ site: 'Internet', public: '10.0.0.0/8' }), failsWith('protected'));
    await assert.rejects(sites.delete({ sites: ['Internet'] }), failsWith('protected'));
    await assert.rejects(sites.delete({ sites: ['Acme'] }), failsWith('protected'));
    await assert.rejects(sites.edit({ sites: ['Acme'], parent: 'Intranet' }), failsWith('protected', /root/));
    const { sites: changed } = await sites.edit({ sites: ['Intranet'], downloadPath: path });
    assert.equal(changed[0]!.downloadPath, `${path}/`, 'SITE-21: ends in a slash');
    await sites.delete({ sites: ['Intranet'] });
  });

  it('SITE-04: subnets are added and removed one by one', async () => {
    const { sites } = home.phonectl;
    await sites.add({ sites: [{ name: 'A' }] });
    const first = await sites.addSubnet({ site: 'A', public: '20.56.31.0/8' });
    assert.match(first.warnings[0]!, /20\.0\.0\.0\/8/);
    await sites.addSubnet({ site: 'A', public: '20.0.0.0/8', private: ['10.0.0.0/8', '10.0.0.0/8'] });
    assert.deepEqual((await show('A')).subnets, [{ public: '20.0.0.0/8', private: ['10.0.0.0/8'] }]);
    await assert.rejects(sites.removeSubnet({ site: 'A', public: '9.0.0.0/8' }), failsWith('not_found'));
    await sites.removeSubnet({ site: 'A', public: '20.0.0.0/8', private: ['10.0.0.0/8'] });
    assert.deepEqual((await show('A')).subnets, [{ public: '20.0.0.0/8', private: [] }]);
    await sites.removeSubnet({ site: 'A', public: '20.0.0.0/8' });
    assert.deepEqual((await show('A')).subnets, []);
  });

  it('SITE-10: overlapping subnets are allowed; the very same one is told', async () => {
    const { sites } = home.phonectl;
    await sites.add({ sites: [{ name: 'A', subnets: [{ public: '10.0.0.0/8' }] }] });
    const inside = await sites.add({ sites: [{ name: 'B', subnets: [{ public: '10.1.0.0/16' }] }] });
    assert.deepEqual(inside.warnings, []);
    const same = await sites.add({ sites: [{ name: 'C', subnets: [{ public: '10.0.0.0/8' }] }] });
    assert.match(same.warnings[0]!, /A and C both claim 10\.0\.0\.0\/8/);
    const resolved = await sites.resolve({ public: '10.9.9.9' });
    assert.deepEqual([resolved.site, resolved.by], ['A', 'subnet']);
    await assert.rejects(sites.resolve({ public: 'nowhere' }), failsWith('invalid_input'));
  });

  it('a dry run tells the result and changes nothing', async () => {
    const { sites } = home.phonectl;
    const planned = await sites.add({ sites: [{ name: 'Berlin', parent: 'Intranet' }], dryRun: true });
    assert.equal(planned.sites[0]!.parent, 'Intranet');
    assert.equal((await names()).length, 3);
  });

  it('ERR-01, CSV-02: an import checks every row and applies none when one is bad', async () => {
    const file = [
      'Location Name;SITE_NAME;subnets;parent',
      'Mitte;Berlin;;',
      'x;;;',
      'x;Berlin;;',
      'x;Paris;{bad;',
      'x;Rom;;Nowhere',
    ].join('\r\n');
    const report = await home.phonectl.sites.import({ source: bytes(file) });
    assert.equal(report.applied, false);
    assert.deepEqual(report.summary, { rows: 5, created: 1, updated: 0, unchanged: 0, skipped: 0, rejected: 4 });
    assert.deepEqual(
      report.errors.map(({ line, column }) => [line, column]),
      [
        [3, 'SITE_NAME'],
        [4, 'SITE_NAME'],
        [5, 'subnets'],
        [6, 'parent'],
      ],
    );
    assert.equal((await names()).length, 3);
    const partial = await home.phonectl.sites.import({ source: bytes(file), partial: true });
    assert.equal(partial.applied, true);
    assert.deepEqual((await names()).includes('Berlin'), true);
  });

  it('a row may name a parent that stands further down; circles are refused', async () => {
    const { sites } = home.phonectl;
    await sites.import({ source: bytes('site_name,parent\nFloor,Berlin\nBerlin,\n') });
    assert.equal((await show('Floor')).parent, 'Berlin');
    const report = await sites.import({ source: bytes('site_name,parent\nBerlin,Floor\n') });
    assert.match(report.errors[0]!.reason, /below itself/);
  });

  it("B-06, acceptance 3: the manual's own site file is imported", async () => {
    const file =
      'site_name,description,location_name,subnets\n' +
      'Test_site,Site for testing,Test location,"{"public-subnet-list":[{"ip-address":"1.2.3.4","mask-length":"32"},' +
      '"private-subnet-list":[{"ip-address":"172.21.120.1","mask-length":"28"},{"ip-address":"192.168.1.1",' +
      '"mask-length":"28"}],{"ip-address":"2.3.4.5","mask-length":"32"}]"\n';
    // In pieces, so that the row crosses them.
    const report = await home.phonectl.sites.import({
      source: bytes(file.slice(0, 90), file.slice(90, 200), file.slice(200)),
    });
    assert.deepEqual(report.errors, []);
    const site = await show('test_SITE');
    assert.deepEqual([site.description, site.location], ['Site for testing', 'Test location']);
    assert.deepEqual(site.subnets[1], { public: '2.3.4.5/32', private: [] });
  });

  it('SITE-19: rows overwrite sites of the same name; a second run changes nothing and says so', async () => {
    const { sites } = home.phonectl;
    const first = 'site_name,description,location_name\nBerlin,old,Mitte\n';
    await sites.import({ source: bytes(first) });
    const again = await sites.import({ source: bytes(first) });
    assert.deepEqual([again.summary.unchanged, again.applied], [1, false]);
    const second = await sites.import({ source: bytes('site_name,description\nBERLIN,\n') });
    assert.equal(second.summary.updated, 1);
    const site = await show('berlin');
    assert.deepEqual([site.name, site.description, site.location], ['BERLIN', '', 'Mitte'], 'what is no column stays');
  });

  it('SITE-07: a file may hold the special sites as they are, not changed', async () => {
    const { sites } = home.phonectl;
    const unchanged = await sites.import({ source: sitesFile() });
    assert.deepEqual([unchanged.summary.unchanged, unchanged.summary.rejected], [3, 0]);
    const changed = await sites.import({ source: bytes('site_name,description\nInternet,mine\n') });
    assert.equal(changed.summary.rejected, 1);

    function sitesFile(): AsyncIterable<Uint8Array> {
      return toBytes(sites.export({}));
    }
    async function* toBytes(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) yield Buffer.from(chunk);
    }
  });

  it('PLAT-17, I-03: export and import give the same sites back, to the byte of every field', async () => {
    const { sites } = home.phonectl;
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((one) => one.replace(/[\p{C}\p{Z}]/gu, '').trim());
    const fields = fc.record(
      {
        description: fc.oneof(text, fc.constantFrom('=1+1', '+14155550100', '-5', '@x', "'=1", 'a,b;"c"', ' #x')),
        location: text,
        provisioning: fc.constantFrom('certificate' as const, 'credential' as const, 'shared' as const),
        autoAdd: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 4 }), async (list) => {
        const other = await makeHome();
        try {
          const wanted = list.map((one, index) => ({ ...one, description: one.description.trim(), name: `s${index}` }));
          await other.phonectl.sites.add({ sites: wanted });
          const exported = await textOf(other.phonectl.sites.export({}));
          const same = await other.phonectl.sites.import({ source: bytes(exported) });
          assert.equal(same.summary.unchanged, wanted.length + 3);
          const copy = await sites.import({ source: bytes(exported) });
          assert.equal(copy.summary.rejected, 0);
          for (const site of wanted) {
            const found = await show(site.name);
            assert.deepEqual({ ...site }, { ...pick(found), name: site.name });
          }
        } finally {
          await other.remove();
        }
      }),
      { numRuns: 8 },
    );

    function pick({ description, location, provisioning, autoAdd }: Site): object {
      return { description, location, provisioning, autoAdd };
    }
  });

  it('imports 5,000 sites in one step', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => {
      const json = `{""public-subnet-list"":[{""ip-address"":""10.${index >> 8}.${index & 255}.0"",""mask-length"":24}]}`;
      return `site ${index},"${json}"`;
    });
    const file = `site_name,subnets\n${rows.join('\n')}\n`;
    const report = await home.phonectl.sites.import({ source: bytes(file) });
    assert.equal(report.summary.created, 5000);
    assert.equal((await home.phonectl.sites.resolve({ public: '10.3.7.9' })).site, 'site 775');
  });
});
