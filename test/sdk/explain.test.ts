import assert from 'node:assert/strict';
import type { Phonectl } from '../../src/sdk/index.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const AUTO = 'call.autoAnswer.SIP';

describe('config explain and diff', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }, { name: 'Lyon', downloadPath: 'https://relay.lyon/' }] });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', name: 'reception', site: 'Berlin' },
        { mac: '0004f2000002', model: 'VVX 450', name: 'lobby', site: 'Lyon' },
      ],
    });
    for (const [name, value, target] of [
      ['quiet', '0', { global: true }],
      ['loud', '1', { site: 'Berlin' }],
    ] as const) {
      await phonectl.profiles.add({ name, vendor: 'poly', set: [{ name: AUTO, value }] });
      await phonectl.profiles.assign({ profile: name, target });
    }
  });
  afterEach(async () => await home.remove());

  it('PROF-29: the site beats global, and says so', async () => {
    assert.deepEqual(await phonectl.configs.explain({ device: 'reception', params: [AUTO] }), [
      {
        param: AUTO,
        value: '1',
        layer: 'site',
        source: 'loud',
        beaten: [{ value: '0', layer: 'global', source: 'quiet' }],
      },
    ]);
    assert.deepEqual(await phonectl.configs.explain({ device: 'lobby', params: ['CALL.autoanswer.sip'] }), [
      { param: AUTO, value: '0', layer: 'global', source: 'quiet', beaten: [] },
    ]);
  });

  it('PROF-29: explains what is rendered', async () => {
    const { files } = await phonectl.configs.render({ device: 'reception' });
    assert.match(files.map(({ text }) => text).join(''), /call\.autoAnswer\.SIP="1"/);
  });

  it('takes * for any text, and everything without a name', async () => {
    const some = await phonectl.configs.explain({ device: 'lobby', params: ['call.*.sip'] });
    assert.deepEqual(
      some.map(({ param }) => param),
      [AUTO],
    );
    const all = await phonectl.configs.explain({ device: 'lobby' });
    assert.ok(all.length > 5);
    assert.deepEqual(
      all.map(({ param }) => param),
      all.map(({ param }) => param).sort(),
    );
  });

  it('says what a parameter is that no layer sets, or what was meant', async () => {
    const hints = async (param: string): Promise<string> => {
      const failure = await phonectl.configs.explain({ device: 'lobby', params: [param] }).catch((error) => error);
      assert.equal(failure.code, 'not_found');
      return failure.hints.join(' ');
    };
    assert.match(await hints('call.autoAnswer.SIPP'), /mean call\.autoAnswer\.SIP/);
    assert.match(await hints('voIpProt.server.1.expires'), /No layer sets it/);
  });

  it('SEC-05: masks secrets, in values that were beaten too', async () => {
    const name = 'reg.1.auth.password';
    for (const [profile, value, target] of [
      ['low', 'Canary-low', { global: true }],
      ['high', 'Canary-high', { site: 'Berlin' }],
    ] as const) {
      await phonectl.profiles.add({ name: profile, vendor: 'poly', set: [{ name, value }] });
      await phonectl.profiles.assign({ profile, target });
    }
    const [explained] = await phonectl.configs.explain({ device: 'reception', params: [name] });
    assert.equal(explained?.beaten.length, 1);
    const rest = await phonectl.configs.explain({ device: 'reception' });
    assert.ok(!JSON.stringify([explained, rest]).includes('Canary'));
  });

  it('FW-08: the download path: the profile, else the site, else the fleet', async () => {
    const path = async (device: string): Promise<readonly string[]> => {
      const [explained] = await phonectl.configs.explain({ device, downloadPath: true });
      return [explained!.layer, explained!.value, ...explained!.beaten.map(({ layer }) => layer)];
    };
    assert.deepEqual(await path('reception'), ['base', 'https://127.0.0.1:18443/']);
    assert.deepEqual(await path('lobby'), ['site', 'https://relay.lyon/', 'base']);
    const set = [{ name: 'APP_FILE_PATH', value: 'https://own.example/' }];
    await phonectl.profiles.add({ name: 'own server', vendor: 'poly', set, custom: true });
    await phonectl.profiles.assign({ profile: 'own server', target: { site: 'Lyon' } });
    assert.deepEqual(await path('lobby'), ['site', 'https://own.example/', 'site', 'base']);
  });

  it('FW-12: the software of the group beats that of all phones, and says so', async () => {
    await phonectl.groups.add({ groups: [{ name: 'Pilot' }], devices: { refs: ['lobby'] } });
    const images = await addImages(['5.4', '5.5']);
    for (const [name, image, target] of [
      ['all', images[0]!, { global: true }],
      ['pilot', images[1]!, { group: 'Pilot' }],
    ] as const) {
      await phonectl.profiles.add({ name, vendor: 'poly' });
      setImage(name, image);
      await phonectl.profiles.assign({ profile: name, target });
    }
    const software = async (device: string) => await phonectl.configs.explain({ device, software: true });
    assert.deepEqual(await software('lobby'), [
      {
        param: 'software',
        value: '5.5',
        layer: 'group',
        source: 'pilot',
        beaten: [{ value: '5.4', layer: 'global', source: 'all' }],
      },
    ]);
    assert.deepEqual(
      (await software('reception')).map(({ value, beaten }) => [value, beaten.length]),
      [['5.4', 0]],
    );
  });

  it('compares with an earlier revision, equal phones as one group', async () => {
    await phonectl.profiles.set({ profile: 'quiet', set: [{ name: 'up.backlight.timeout', value: '10' }] });
    const diff = await phonectl.configs.diff({ selector: { all: true }, against: 4 });
    assert.deepEqual(diff.summary, { devices: 2, same: 0, different: 2, unknown: 0 });
    assert.equal(diff.groups.length, 1);
    assert.deepEqual(
      diff.groups[0]?.changes.map(({ param, kind, before, after }) => [param, kind, before?.value, after?.value]),
      [['up.backlight.timeout', 'added', undefined, '10']],
    );
    const now = await phonectl.configs.diff({ selector: { all: true }, against: 5 });
    assert.deepEqual(now.summary, { devices: 2, same: 2, different: 0, unknown: 0 });
  });

  it('says of phones that have fetched nothing that nothing is known', async () => {
    const diff = await phonectl.configs.diff({ selector: { all: true }, against: 'served' });
    assert.equal(diff.summary.unknown, 2);
    assert.match(diff.unknown[0]?.reason ?? '', /not fetched/);
  });

  it('compares with what was served, and names the change since then', async () => {
    await served('reception');
    const selector = { refs: ['reception'] };
    assert.equal((await phonectl.configs.diff({ selector, against: 'served' })).summary.same, 1);
    await phonectl.profiles.set({ profile: 'loud', set: [{ name: AUTO, value: '0' }] });
    const { groups } = await phonectl.configs.diff({ selector, against: 'served' });
    assert.deepEqual(
      groups.map(({ note, changes }) => [note, changes.map(({ before, after }) => [before?.value, after?.value])]),
      [[null, [['1', '0']]]],
    );
    await phonectl.devices.edit({ devices: ['reception'], site: 'Lyon' });
    const moved = await phonectl.configs.diff({ selector, against: 'served' });
    assert.match(moved.groups[0]?.note ?? '', /have changed since/);
  });

  /** Images without their bytes: what is asked is which one a device gets. */
  async function addImages(releases: readonly string[]): Promise<readonly number[]> {
    const { openStore } = await import('../../src/store/store.ts');
    const store = openStore({ path: `${home.path}/phonectl.db` });
    try {
      return await store.transaction(async ({ images }) => {
        const ids: number[] = [];
        for (const release of releases) {
          ids.push(
            await images.insert({
              name: release,
              vendor: 'poly',
              family: 'phone',
              release,
              description: '',
              models: [],
              fileName: `${release}.zip`,
              license: null,
              sha256: release,
              size: 1,
              createdBy: 'tester',
              createdAt: 0,
              updatedAt: 0,
            }),
          );
        }
        return ids;
      });
    } finally {
      await store.close();
    }
  }

  function setImage(profile: string, imageId: number): void {
    const database = openDatabase({ path: `${home.path}/phonectl.db` });
    database.prepare('update profile set image_id = ? where name = ?').run(imageId, profile);
    database.close();
  }

  /** Writes down that the device has just fetched what it should have, as `serve` does. */
  async function served(device: string): Promise<void> {
    const { digest } = await phonectl.configs.render({ device });
    const { id } = await phonectl.devices.show({ device });
    const database = openDatabase({ path: `${home.path}/phonectl.db` });
    database
      .prepare('insert into device_fact (device_id, served_digest, served_at) values (?, ?, ?)')
      .run(id, digest, Date.now());
    database.close();
  }
});
