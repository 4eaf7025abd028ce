/** Standard profiles, manual pushes, collected changes, order. */
import assert from 'node:assert/strict';
import type { OperationContext } from '../../src/sdk/context.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { isPhonectlError, type Phonectl } from '../../src/sdk/index.ts';
import { applyChange, discardChange, requireChange } from '../../src/sdk/profiles/changes.ts';
import { checkParameters, rulesFor } from '../../src/sdk/profiles/validate.ts';
import { loadStandardProfiles } from '../../src/vendors/registry.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const AUTO = 'call.autoAnswer.SIP';
const auto = (value: string) => [{ name: AUTO, value }];

describe('profiles at work', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.groups.add({ groups: [{ name: 'lobby' }, { name: 'bar' }] });
    await phonectl.devices.add({
      devices: [
        { mac: '0004f2000001', model: 'VVX 450', name: 'reception', site: 'Berlin', groups: ['lobby'] },
        { mac: '0004f2000002', model: 'VVX 450', name: 'cellar' },
      ],
    });
  });
  afterEach(() => home.remove());

  async function rendered(device: string): Promise<string> {
    const { files } = await phonectl.configs.render({ device });
    return files.map(({ text }) => text).join('\n');
  }

  async function refused(promise: Promise<unknown>, code: string): Promise<void> {
    await assert.rejects(promise, (error) => isPhonectlError(error) && error.code === code);
  }

  describe('standard profiles', () => {
    it('PROF-03, PROF-06: are there, can be assigned, and hold only what the catalogue takes', async () => {
      const shipped = await loadStandardProfiles();
      const rows = await Array.fromAsync(phonectl.profiles.list({ types: ['standard'] }));
      assert.deepEqual(rows.map(({ name }) => name).sort(), shipped.map(({ name }) => name).sort());
      assert.ok(rows.some(({ name }) => /^AdminPassword-Change-Template$/i.test(name)));
      for (const { name, vendor, parameters } of shipped) {
        const given = Object.entries(parameters).map(([parameter, value]) => ({ name: parameter, value }));
        const checked = checkParameters(
          await rulesFor({ home: { path: '', file: (...parts) => parts.join('/') } }, vendor),
          given,
        );
        assert.deepEqual(checked.problems, [], name);
        assert.deepEqual(
          checked.parameters.map((one) => one.name),
          given.map((one) => one.name),
          name,
        );
        const isTemplate = /-TEMPLATE$/.test(name);
        assert.equal(
          given.some(({ value }) => value === ''),
          isTemplate,
          `${name}: only templates have gaps`,
        );
      }
      await phonectl.profiles.assign({ profile: 'Poly-WebOff', target: { global: true } });
      assert.match(await rendered('reception'), /httpd\.enabled="0"/);
    });

    it('PROF-05: a template cannot be assigned; its copy can', async () => {
      const profile = 'AdminPassword-Change-TEMPLATE';
      await refused(phonectl.profiles.assign({ profile, target: { global: true } }), 'protected');
      await phonectl.profiles.copy({ profile, name: 'admin' });
      await phonectl.profiles.assign({ profile: 'admin', target: { global: true } });
    });

    it('PROF-17: cannot be edited or deleted', async () => {
      await refused(phonectl.profiles.set({ profile: 'Poly-WebOff', set: auto('1') }), 'protected');
      await refused(phonectl.profiles.edit({ profile: 'Poly-WebOff', name: 'x' }), 'protected');
      await refused(phonectl.profiles.delete({ profiles: ['Poly-WebOff'] }), 'protected');
    });

    it('PROF-04: a new version brings changes; what would change phones waits for the update', async () => {
      await phonectl.profiles.assign({ profile: 'Poly-WebOff', target: { global: true } });
      // As an older version left it: another content, and one profile more.
      const { store } = await openInstallation({ home: home.path });
      await store.transaction(async ({ profiles, settings }) => {
        const all = await profiles.profiles();
        const [off, rest] = ['Poly-WebOff', 'Poly-RestApi'].map((name) => all.find((one) => one.name === name)!);
        await profiles.putProfile({ ...off!, parameters: [['httpd.enabled', '1']] });
        await profiles.putProfile({ ...rest!, parameters: [] });
        await profiles.putProfile({ ...rest!, id: 9_001, uid: 'standard:gone', name: 'Gone' });
        await settings.set('profiles.standard', 'older');
      });
      await store.close();
      const differences = await Array.fromAsync(phonectl.profiles.builtin({}));
      assert.deepEqual(differences, [
        { profile: 'Poly-WebOff', vendor: 'poly', difference: 'changed', assignments: 1 },
      ]);
      assert.match(await rendered('reception'), /httpd\.enabled="1"/);
      const { plan } = await phonectl.profiles.update({});
      assert.equal(plan.devices, 2);
      assert.match(await rendered('reception'), /httpd\.enabled="0"/);
      assert.deepEqual(await Array.fromAsync(phonectl.profiles.builtin({})), []);
      assert.equal((await phonectl.profiles.show({ profile: 'Poly-RestApi' })).parameters.length, 1);
    });

    it('VAL-16: a profile of yours with the name of a standard one stays, and is told', async () => {
      await refused(phonectl.profiles.add({ name: 'poly-restapi', vendor: 'poly', set: auto('1') }), 'exists');
      // As if it had been there before the standard one was shipped.
      const { store } = await openInstallation({ home: home.path });
      await store.transaction(async ({ profiles, settings }) => {
        const shipped = (await profiles.profiles()).find(({ name }) => name === 'Poly-RestApi')!;
        await profiles.putProfile({ ...shipped, uid: 'mine', name: 'poly-restapi', type: 'user' });
        await settings.set('profiles.standard', 'older');
      });
      await store.close();
      const differences = await Array.fromAsync(phonectl.profiles.builtin({}));
      assert.deepEqual(
        differences.map(({ profile, difference }) => [profile, difference]),
        [['Poly-RestApi', 'clash']],
      );
    });
  });

  describe('manual assignments', () => {
    it('B-08: reach a phone when they are pushed there, as they are then', async () => {
      await phonectl.profiles.add({ name: 'kiosk', vendor: 'poly', set: auto('1') });
      await phonectl.profiles.assign({ profile: 'kiosk', target: { group: 'lobby' }, apply: 'manual' });
      assert.doesNotMatch(await rendered('reception'), /autoAnswer/);
      const input = { profile: 'kiosk', selector: { all: true } };
      const dry = await phonectl.profiles.push({ ...input, dryRun: true });
      assert.deepEqual([dry.devices, dry.skipped, dry.plan.devices], [1, 1, 1]);
      assert.doesNotMatch(await rendered('reception'), /autoAnswer/);
      await phonectl.profiles.push(input);
      assert.match(await rendered('reception'), /autoAnswer\.SIP="1"/);
      assert.doesNotMatch(await rendered('cellar'), /autoAnswer/);
      await phonectl.profiles.set({ profile: 'kiosk', set: auto('0') });
      assert.match(await rendered('reception'), /autoAnswer\.SIP="1"/, 'as it was pushed');
      await phonectl.profiles.push(input);
      assert.match(await rendered('reception'), /autoAnswer\.SIP="0"/);
    });

    it('SEC-05: what was pushed is sealed, reaches the phone, and stands the check of the home', async () => {
      const set = [{ name: 'apps.push.password', value: 'Canary-9' }];
      await phonectl.profiles.add({ name: 'kiosk', vendor: 'poly', set });
      await phonectl.profiles.assign({ profile: 'kiosk', target: { global: true }, apply: 'manual' });
      await phonectl.profiles.push({ profile: 'kiosk', selector: { refs: ['cellar'] } });
      const { files } = await phonectl.configs.render({ device: 'cellar', showSecrets: true });
      assert.ok(files.some(({ text }) => text.includes('apps.push.password="Canary-9"')));
      assert.ok(!(await rendered('cellar')).includes('Canary-9'));
      const { findings } = await phonectl.homes.check({});
      assert.deepEqual(
        findings.filter(({ status }) => status === 'error'),
        [],
      );
    });

    it('refuses to push what is not assigned by hand', async () => {
      await phonectl.profiles.add({ name: 'p', vendor: 'poly', set: auto('1') });
      await refused(phonectl.profiles.push({ profile: 'p', selector: { all: true } }), 'conflict');
    });
  });

  describe('a change', () => {
    async function context(): Promise<OperationContext & AsyncDisposable> {
      const installation = await openInstallation({ home: home.path });
      const { store } = installation;
      return {
        ...installation,
        operation: 'change.apply',
        actor: { kind: 'local', name: 'tester', source: 'local' },
        scope: 'all',
        permissions: ['*'],
        read: store.read,
        signal: new AbortController().signal,
        progress: () => undefined,
        checkVersion: () => undefined,
        call: async (name) => {
          throw new Error(`${name} was called outside the door.`);
        },
        require: () => undefined,
        write: (work) => store.transaction(async (repositories) => (await work(repositories))[0]),
        [Symbol.asyncDispose]: () => Promise.resolve(store.close()),
      };
    }

    it('collects edits, plans them together, and is applied as one revision', async () => {
      const change = 'winter';
      const added = await phonectl.profiles.add({ name: 'p', vendor: 'poly', set: auto('1'), change });
      assert.deepEqual([added.change, added.revision, added.plan.devices], ['winter', null, 0]);
      await phonectl.profiles.set({ profile: 'p', set: [{ name: 'up.screenCapture.enabled', value: '1' }], change });
      const last = await phonectl.profiles.assign({ profile: 'p', target: { site: 'Berlin' }, change });
      assert.deepEqual([last.plan.devices, last.plan.groups[0]?.changes.length], [1, 2]);
      await refused(phonectl.profiles.show({ profile: 'p' }), 'not_found');
      assert.doesNotMatch(await rendered('reception'), /autoAnswer/);

      await using ready = await context();
      const planned = await applyChange(ready, change, { dryRun: true });
      assert.deepEqual(planned.plan, last.plan);
      const done = await applyChange(ready, change);
      assert.deepEqual(done.plan, last.plan);
      assert.match(await rendered('reception'), /autoAnswer\.SIP="1"/);
      await refused(requireChange(ready, change), 'not_found');
      assert.equal((await ready.read.profiles.revisions()).length, 1);
    });

    it('a dry run puts nothing into it, and it can be thrown away', async () => {
      const change = 'never';
      await phonectl.profiles.add({ name: 'p', vendor: 'poly', change, dryRun: true });
      await using ready = await context();
      await refused(requireChange(ready, change), 'not_found');
      await phonectl.profiles.add({ name: 'p', vendor: 'poly', change });
      await discardChange(ready, change);
      await refused(requireChange(ready, change), 'not_found');
      await refused(phonectl.profiles.show({ profile: 'p' }), 'not_found');
    });

    it('SEC-05: secrets in it are sealed', async () => {
      const set = [{ name: 'apps.push.password', value: 'Canary-5' }];
      await phonectl.profiles.add({ name: 'p', vendor: 'poly', set, change: 'c' });
      await using ready = await context();
      assert.ok(!JSON.stringify(await requireChange(ready, 'c')).includes('Canary-5'));
    });
  });

  it('PROF-30: the order of a place decides, and can be set', async () => {
    for (const [name, value] of [
      ['one', '1'],
      ['zero', '0'],
    ] as const) {
      await phonectl.profiles.add({ name, vendor: 'poly', set: auto(value) });
      await phonectl.profiles.assign({ profile: name, target: { global: true } });
    }
    assert.match(await rendered('cellar'), /autoAnswer\.SIP="1"/, 'the first is the highest');
    const { plan } = await phonectl.profiles.order({ profiles: ['zero'], target: { global: true } });
    assert.equal(plan.devices, 2);
    assert.match(await rendered('cellar'), /autoAnswer\.SIP="0"/);
    await refused(phonectl.profiles.order({ profiles: ['zero'], target: { site: 'Berlin' } }), 'not_found');
  });

  it('GRP-04: the assignments of a deleted group go with it; a new group does not inherit them', async () => {
    await phonectl.profiles.add({ name: 'p', vendor: 'poly', set: auto('1') });
    await phonectl.profiles.assign({ profile: 'p', target: { group: 'bar' } });
    await phonectl.groups.delete({ groups: ['bar'] });
    await phonectl.groups.add({ groups: [{ name: 'new' }] });
    await phonectl.groups.edit({ group: 'new', addDevices: { refs: ['cellar'] } });
    assert.doesNotMatch(await rendered('cellar'), /autoAnswer/);
    assert.deepEqual((await phonectl.profiles.show({ profile: 'p' })).assignments, []);
  });

  it('RES-10: a parameter may point to a resource; the phone gets its address', async () => {
    const set = [{ name: 'bg.color.bm.1.name', value: '@resource:Logo' }];
    const add = () => phonectl.profiles.add({ name: 'p', vendor: 'poly', set, custom: true });
    await refused(add(), 'not_found');
    async function* picture(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    }
    await phonectl.resources.add({ source: picture(), file: 'logo.png', name: 'logo' });
    await add();
    await phonectl.profiles.assign({ profile: 'p', target: { global: true } });
    const url = (await phonectl.resources.show({ resource: 'logo' })).url;
    assert.ok((await rendered('cellar')).includes(`bg.color.bm.1.name="${url}"`));
    await phonectl.resources.delete({ resources: ['logo'] });
    assert.doesNotMatch(await rendered('cellar'), /bg\.color|@resource/);
    const findings = await Array.fromAsync(phonectl.profiles.lint({ profiles: ['p'] }));
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error').map(({ param }) => param),
      ['bg.color.bm.1.name'],
    );
  });

  describe('firmware', () => {
    async function* image(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('not really firmware');
    }
    async function master(device: string): Promise<string> {
      const { files } = await phonectl.configs.render({ device });
      return /\bAPP_FILE_PATH="([^"]*)"/.exec(files[0]?.text ?? '')?.[1] ?? '';
    }

    beforeEach(async () => {
      for (const [version, name] of [
        ['5.5.1', 'UCS 5.5'],
        ['5.4.0', 'UCS 5.4'],
      ] as const) {
        await phonectl.firmware.add({ source: image(), file: 'sip.ld', vendor: 'poly', version, name });
      }
    });

    it('FW-11, FW-12: a group with 5.5 beats 5.4 for all; the rest gets 5.4', async () => {
      const first = await phonectl.profiles.assign({ profile: 'UCS 5.4', target: { global: true } });
      assert.deepEqual([first.plan.devices, first.plan.reboot], [2, 2]);
      const second = await phonectl.profiles.assign({ profile: 'UCS 5.5', target: { group: 'lobby' } });
      assert.deepEqual([second.plan.devices, second.plan.groups[0]?.changes[0]?.after?.source], [1, 'UCS 5.5']);
      assert.equal(await master('reception'), 'firmware/5.5.1/sip.ld');
      assert.equal(await master('cellar'), 'firmware/5.4.0/sip.ld');
      await refused(phonectl.profiles.set({ profile: 'UCS 5.4', set: auto('1') }), 'protected');
    });

    it("PROF-11: a profile of one's own may choose it too; FW-07: a path of one's own beats every choice", async () => {
      await phonectl.profiles.add({ name: 'berlin', vendor: 'poly', set: auto('1'), software: 'ucs 5.5' });
      await phonectl.profiles.assign({ profile: 'berlin', target: { site: 'Berlin' } });
      assert.equal(await master('reception'), 'firmware/5.5.1/sip.ld');
      const set = [{ name: 'APP_FILE_PATH', value: 'https://images.example/sip.ld' }];
      await phonectl.profiles.add({ name: 'own', vendor: 'poly', set });
      await phonectl.profiles.assign({ profile: 'own', target: { global: true } });
      assert.equal(await master('reception'), 'https://images.example/sip.ld');
      await phonectl.profiles.set({ profile: 'berlin', set });
      const findings = await Array.fromAsync(phonectl.profiles.lint({ profiles: ['berlin'] }));
      assert.match(findings[0]?.reason ?? '', /FW-07/);
      await refused(phonectl.profiles.add({ name: 'x', vendor: 'yealink', software: 'UCS 5.5' }), 'invalid_input');
      await refused(phonectl.profiles.add({ name: 'x', vendor: 'poly', software: 'UCS 9' }), 'not_found');
    });

    it('FW-15: CX5100 and CX5500 get their switches; phones get nothing of it, and CX nothing of phones', async () => {
      await phonectl.devices.add({
        devices: [{ mac: '00e0db000055', model: 'CX5500', name: 'round', site: 'Berlin' }],
      });
      const cx = { source: image(), file: 'cx5500.tar', version: '1.3.4', name: 'CX 1.3.4', family: 'cx' } as const;
      assert.deepEqual((await phonectl.firmware.add(cx)).models, ['CX5100', 'CX5500']);
      await phonectl.profiles.assign({ profile: 'CX 1.3.4', target: { global: true } });
      const { files } = await phonectl.configs.render({ device: 'round', showSecrets: true });
      const text = files.map((file) => file.text).join('\n');
      const values = [...text.matchAll(/device\.local\.([\w.]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]);
      assert.deepEqual(Object.fromEntries(values), {
        autoUpdateEnabled: '1',
        'autoUpdateEnabled.set': '1',
        updateInterval: '604800',
        'updateInterval.set': '1',
        updateServer: 'https://127.0.0.1:18443/swupdate/CX/1.3.4',
        'updateServer.set': '1',
        updateTime: '3600',
        'updateTime.set': '1',
      });
      assert.equal(await master('reception'), 'sip.ld');
      const { store } = await openInstallation({ home: home.path });
      const reader = await store.serving();
      const found = await reader.storedFile(0, 'swupdate/cx/1.3.4/cx5500.tar', 'cx5500.tar', null);
      await store.close();
      assert.equal(found?.kind, 'image');
      await refused(phonectl.profiles.assign({ profile: 'CX 1.3.4', target: { device: 'reception' } }), 'conflict');
    });

    it('FW-04: what is assigned to one model or device must suit it', async () => {
      const one = { source: image(), file: '3111-48450-001.sip.ld', version: '6.4.0', name: 'VVX 411 only' };
      assert.deepEqual((await phonectl.firmware.add(one)).models, ['VVX 411']);
      const assign = async (target: { model: string } | { device: string }) =>
        await phonectl.profiles.assign({ profile: 'VVX 411 only', target });
      await assert.rejects(assign({ model: 'VVX 250' }), /VVX 411 only is not for the VVX 250 \(FW-04\)/);
      await refused(assign({ model: 'CX5500' }), 'conflict');
      assert.equal((await assign({ model: 'VVX 411' })).changed, true);
    });

    it('FW-16, FW-17, FW-18: Group Series firmware needs a codec and a licence, and never reaches a phone', async () => {
      const codec = { source: image(), file: 'gs.tar', version: '6.2.1', name: 'GS', family: 'group-series' } as const;
      assert.equal((await phonectl.firmware.add(codec)).vendor, 'poly');
      const choose = async () => await phonectl.profiles.add({ name: 'codecs', vendor: 'poly', software: 'GS' });
      await assert.rejects(choose(), /FW-17/);
      await phonectl.devices.add({ devices: [{ mac: '00e0db000077', model: 'G7500', name: 'codec' }] });
      await choose();
      await assert.rejects(phonectl.profiles.assign({ profile: 'codecs', target: { global: true } }), /FW-18/);
      const findings = await Array.fromAsync(phonectl.profiles.lint({ profiles: ['codecs'] }));
      assert.deepEqual(
        findings.map(({ severity }) => severity),
        ['warning', 'error'],
      );
      await phonectl.firmware.license({ firmware: 'GS', source: image(), file: 'license.txt' });
      await phonectl.profiles.assign({ profile: 'codecs', target: { global: true } });
      assert.equal(await master('reception'), 'sip.ld');
    });

    it('FW-08: is fetched from where the site says', async () => {
      await phonectl.profiles.assign({ profile: 'UCS 5.5', target: { global: true } });
      await phonectl.sites.edit({ sites: ['Berlin'], downloadPath: 'https://images.example/poly' });
      assert.equal(await master('reception'), 'https://images.example/poly/firmware/5.5.1/sip.ld');
      assert.equal(await master('cellar'), 'firmware/5.5.1/sip.ld');
      // FW-09: the settings, for sites that say nothing.
      const { store } = await openInstallation({ home: home.path });
      const paths = { enterprise: 'https://general.example/' };
      await store.transaction(({ settings }) => settings.set('provisioning.downloadPath', paths));
      await store.close();
      assert.equal(await master('cellar'), 'https://general.example/firmware/5.5.1/sip.ld');
      assert.match(await master('reception'), /^https:\/\/images\.example/);
    });
  });
});
