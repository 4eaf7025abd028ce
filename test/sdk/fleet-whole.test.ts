import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receiveFolder, sendFolder } from '../../src/cli/fleet-folder.ts';
import type { FleetApplied, FleetPlan } from '../../src/sdk/fleet/plan.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Phonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const PASSPHRASE = 'correct horse';
const POLY = ['0004f2000001', '0004f2000002', '0004f2000003', '0004f2000004'];
const YEALINK = ['805ec0000001', '805ec0000002', '805ec0000003', '805ec0000004'];
const CISCO = ['00562b000001', '00562b000002'];
const PHONES = [...POLY, ...YEALINK, ...CISCO];

const OWN_MODEL = `vendor: yealink
families:
  - family: T5
    models:
      - name: T99X
        maxLines: 2
`;

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text, 'latin1');
}

/** Not UTF-8, so that a way through text shows. */
const TONE = 'RIFF\xff\xfe\x00\x80tone';

/** Something in every layer, and in every file of a folder. */
async function fillEverything({ phonectl, path: home }: TestHome): Promise<void> {
  await phonectl.models.import({ name: 'own', source: bytes(OWN_MODEL) });
  await phonectl.settings.editProvisioning({ pollWindow: '01:00-02:30', timeServer: 'ntp.example', uploadDays: 7 });
  await phonectl.sites.add({
    sites: [
      { name: 'Berlin', subnets: [{ public: '20.1.0.0/16', private: ['10.1.0.0/16'] }], timeZone: 'Europe/Berlin' },
      { name: 'Lager', parent: 'Berlin', downloadPath: 'http://lager.example/fw/' },
      { name: 'Lyon', provisioning: 'shared' },
    ],
  });
  for (const name of ['Lobby', 'Kiosk', 'Hall']) await phonectl.groups.add({ groups: [{ name }] });
  await phonectl.groups.setDefaults({ groups: ['Kiosk'] });
  await phonectl.models.approve({ models: ['VVX 450', 'T54W', 'T99X', '8841', 'T53W'] });
  await phonectl.models.approve({ models: ['VVX 250'], site: 'Berlin' });
  await phonectl.accounts.add({
    accounts: [1001, 1002, 1003, 1004, 1005, 1006].map((number) => ({
      type: 'sip' as const,
      name: String(number),
      username: String(number),
      password: `Canary-sip-${number}`,
      server: 'sip.example',
    })),
  });
  const rows = [
    'mac,vendor,model,name,site,groups,line1.account,line2.account,reg.3.auth.password,up.oneTouchVoiceMail',
    `${POLY[0]},poly,VVX 450,poly-1,Berlin,Lobby|Kiosk,1001,,Canary-csv,1`,
    `${POLY[1]},poly,VVX 450,poly-2,Lager,Kiosk|Lobby,,,,`,
    `${POLY[2]},poly,VVX 250,poly-3,Berlin,,1002,,,`,
    `${POLY[3]},poly,VVX 450,poly-4,Lyon,Hall,,,,`,
    `${YEALINK[0]},yealink,T54W,yea-1,Berlin,Lobby,1004,1003,,`,
    `${YEALINK[1]},yealink,T53W,yea-2,Lager,Hall|Lobby,,,,`,
    `${YEALINK[2]},yealink,T99X,yea-3,Lyon,,1005,,,`,
    `${YEALINK[3]},yealink,T54W,yea-4,Lager,,,,,`,
    `${CISCO[0]},cisco,8841,cis-1,Berlin,Lobby,1006,,,`,
    `${CISCO[1]},cisco,8841,cis-2,Lyon,,,,,`,
  ];
  const report = await phonectl.devices.import({ source: bytes(`${rows.join('\n')}\n`) });
  assert.equal(report.summary.rejected, 0, JSON.stringify(report.errors));
  await phonectl.resources.add({ source: bytes(TONE), file: 'bell.wav', name: 'Bell', description: 'for doors' });
  await phonectl.resources.add({ source: bytes('<directory/>'), file: '000000000000-directory.xml' });
  const image = { source: bytes('\x00\xffimage 5.5'), file: '3111-48450-001.sip.ld', models: ['VVX 450'] };
  await phonectl.firmware.add({ ...image, vendor: 'poly', version: '5.5.0.1', name: 'VVX 5.5' });
  const rom = { source: bytes('\x00\xfferom'), file: '96.86.0.20.rom', models: ['T54W'] };
  await phonectl.firmware.add({ ...rom, vendor: 'yealink', version: '96.86.0.20', name: 'T54W 86' });
  const codec = { source: bytes('codec'), file: 'group.tar', vendor: 'poly', version: '6.2.1' } as const;
  await phonectl.firmware.add({ ...codec, family: 'group-series', name: 'Codec 6.2' });
  await phonectl.firmware.license({ firmware: 'Codec 6.2', source: bytes('KEY\xff'), file: 'codec.txt' });
  await addProfiles(phonectl);
  await pushByHand(phonectl);
  await addOwnFiles(phonectl, home);
}

async function addProfiles(phonectl: Phonectl): Promise<void> {
  const set = (values: Record<string, string>): { name: string; value: string }[] =>
    Object.entries(values).map(([name, value]) => ({ name, value }));
  const add = async (name: string, vendor: 'poly' | 'yealink' | 'cisco', values: Record<string, string>) =>
    await phonectl.profiles.add({ name, vendor, set: set(values), custom: true });
  await add('p-global', 'poly', {
    'up.backlight.timeout': '10',
    'reg.4.auth.password': 'Canary-profile',
    'a.tone': '@resource:Bell',
  });
  await add('p-group', 'poly', { 'up.backlight.timeout': '20', 'own.group': 'lobby' });
  await add('p-group-2', 'poly', { 'up.backlight.timeout': '25', 'own.group': 'kiosk' });
  await add('p-site', 'poly', { 'up.backlight.timeout': '30', 'call.autoAnswer.SIP': '1' });
  await add('p-device', 'poly', { 'own.device': ['$', '{mac_address}'].join('') });
  await add('y-global', 'yealink', { 'phone_setting.backlight_time': '60', 'own.secret_password': 'Canary-yealink' });
  await add('y-hand', 'yealink', { 'phone_setting.ring_type': 'Ring1.wav', 'account.3.password': 'Canary-hand' });
  await add('c-global', 'cisco', { Ring1_Name_: 'n=Bell', Phone_Background_1_: '@resource:Bell' });
  await phonectl.profiles.edit({ profile: 'p-site', software: 'VVX 5.5' });
  for (const [profile, target] of [
    ['p-global', { global: true }],
    ['y-global', { global: true }],
    ['c-global', { global: true }],
    ['p-group', { group: 'Lobby' }],
    ['p-group-2', { group: 'Kiosk' }],
    ['p-site', { site: 'Berlin' }],
    ['p-device', { device: POLY[1]! }],
    ['p-group', { model: 'VVX 250' }],
  ] as const) {
    await phonectl.profiles.assign({ profile, target });
  }
}

/** Three phones have it as it was; then the profile is edited, and one of them is given it again. */
async function pushByHand(phonectl: Phonectl): Promise<void> {
  for (const group of ['Lobby', 'Hall']) {
    await phonectl.profiles.assign({ profile: 'y-hand', target: { group }, apply: 'manual' });
  }
  await phonectl.profiles.push({ profile: 'y-hand', selector: { refs: [YEALINK[0]!, YEALINK[1]!] } });
  await phonectl.profiles.set({ profile: 'y-hand', set: [{ name: 'account.3.password', value: 'Canary-later' }] });
  await phonectl.profiles.push({ profile: 'y-hand', selector: { refs: [YEALINK[1]!] } });
  await phonectl.profiles.set({ profile: 'y-hand', set: [{ name: 'phone_setting.ring_type', value: 'Ring5.wav' }] });
}

async function addOwnFiles(phonectl: Phonectl, home: string): Promise<void> {
  // As a task left it, when its turn came.
  const { store } = await openInstallation({ home });
  const deviceId = [...store.read.profiles.positions('all')].find(({ mac }) => mac === YEALINK[0])?.id ?? 0;
  const fileId = (await store.read.images.find('T54W 86'))?.id ?? 0;
  const parameters = [['static.firmware.url', `@image:${fileId}`]] as const;
  const given = { slot: 'firmware', fileId, deviceId, parameters, taskId: 7, runId: 9, at: Date.now() };
  await store.transaction(({ givenFiles }) => givenFiles.give(given));
  await store.close();
  const cfg = '#!version:1.0.0.1\nphone_setting.backlight_time = 120\naccount.4.password = Canary-mac\n';
  await phonectl.macFiles.macUpload({ source: bytes(cfg), file: `${YEALINK[3]}.cfg` });
  await phonectl.macFiles.macUpload({
    source: bytes('<X up.backlight.timeout="57" reg.5.auth.password="Canary-mac2"/>'),
    file: `${POLY[3]}.cfg`,
  });
  const file = `${POLY[0]}-directory.xml`;
  await phonectl.deviceFiles.fileUpload({ device: POLY[0]!, file, source: bytes('<own/>'), directory: 'contacts' });
}

describe('a whole fleet in a folder', function () {
  this.bail(true);
  const homes: TestHome[] = [];
  let root: string;
  let folder: string;
  let secrets: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'phonectl-whole-'));
    folder = join(root, 'fleet');
    secrets = join(root, 'fleet.secrets');
  });
  after(async () => {
    rmSync(root, { recursive: true, force: true });
    for (const home of homes) await home.remove();
  });

  async function newHome(): Promise<Phonectl> {
    const home = await makeHome();
    homes.push(home);
    return home.phonectl;
  }

  const sealed = (): { file: string; passphrase: string } => ({ file: secrets, passphrase: PASSPHRASE });

  async function exported(from: Phonectl, to: string, options: { firmware?: boolean } = {}): Promise<void> {
    await receiveFolder(from.fleets.export({ secrets: true, ...options }), to, sealed());
  }

  async function applied(to: Phonectl, options: { prune?: boolean; without?: boolean } = {}): Promise<FleetApplied> {
    const source = await sendFolder(folder, options.without ? undefined : sealed());
    return await to.fleets.apply({ source, prune: options.prune ?? false });
  }

  async function planned(to: Phonectl, prune = false): Promise<FleetPlan> {
    return await to.fleets.plan({ source: await sendFolder(folder, sealed()), prune });
  }

  /** Everything of every phone, but for the credentials that a fleet makes for each phone itself. */
  async function rendered(from: Phonectl): Promise<Record<string, string>> {
    const files: Record<string, string> = {};
    for (const device of PHONES) {
      const { files: own } = await from.configs.render({ device, showSecrets: true });
      const credentials = await from.enrolments.showCredentials({ device, reveal: true });
      for (const { name, text } of own) {
        files[`${device} ${name}`] = credentials.reduce((all, { password }) => all.replaceAll(password, '<own>'), text);
      }
    }
    return files;
  }

  function content(path: string): Record<string, string> {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
    return Object.fromEntries(files.map((file) => [file.slice(path.length + 1), readFileSync(file, 'latin1')]));
  }

  let fleet: Phonectl;
  let there: Phonectl;

  it('exports what fills every layer; nothing of it is a secret', async () => {
    fleet = await newHome();
    await fillEverything(homes[0]!);
    await exported(fleet, folder, { firmware: true });
    const files = content(folder);
    for (const name of [
      'models/own.yaml',
      'approvals.yaml',
      'resources/bell.wav',
      'firmware.yaml',
      'pushed.yaml',
      'given.yaml',
    ]) {
      assert.ok(name in files, name);
    }
    assert.equal(files['resources/bell.wav'], TONE);
    assert.ok(`mac-files/${POLY[3]}.yaml` in files);
    assert.equal(files[`device-files/${POLY[0]}/contacts/${POLY[0]}-directory.xml`], '<own/>');
    for (const [name, text] of Object.entries(files)) assert.doesNotMatch(text, /Canary/, name);
    assert.doesNotMatch(readFileSync(secrets, 'utf8'), /Canary/);
  });

  it('is as its own export says: applying changes nothing, with and without pruning', async () => {
    for (const prune of [false, true]) {
      const { different, strangers, warnings } = await planned(fleet, prune);
      assert.deepEqual({ different, strangers: Object.values(strangers).flat() }, { different: false, strangers: [] });
      assert.deepEqual(
        warnings.filter((text) => !/No catalogue knows/.test(text)),
        [],
      );
    }
  });

  it('without the secrets names the place of each that is missing, and applies nothing', async () => {
    const empty = await newHome();
    const failure = await applied(empty, { without: true }).catch((error) => error);
    assert.equal(failure.code, 'invalid_data');
    const files: string[] = failure.details.problems.map(({ file }: { file: string }) => file);
    assert.deepEqual([...new Set(files)].sort(), [
      'accounts.csv',
      'devices.csv',
      `mac-files/${POLY[3]}.yaml`,
      `mac-files/${YEALINK[3]}.yaml`,
      'profiles/p-global.yaml',
      'profiles/y-global.yaml',
      'profiles/y-hand.yaml',
      'pushed.yaml',
    ]);
    assert.equal(files.filter((file) => file === 'pushed.yaml').length, 3);
    assert.deepEqual(await Array.fromAsync(empty.resources.list({})), []);
    assert.deepEqual(await Array.fromAsync(empty.firmware.list({})), []);
    assert.deepEqual(await Array.fromAsync(empty.devices.list({})), []);
    const home = homes.at(-1)!.path;
    assert.equal(existsSync(join(home, 'models', 'own.yaml')), false);
    assert.deepEqual(existsSync(join(home, 'files')) ? readdirSync(join(home, 'files')) : [], []);
  });

  it('acceptance 3: a new home, apply, and every phone gets the same bytes', async () => {
    there = await newHome();
    const { changes } = await applied(there);
    assert.deepEqual(changes.macFiles.created.length, 2);
    assert.deepEqual(changes.deviceFiles.created, [`${POLY[0]}: ${POLY[0]}-directory.xml`]);
    const [wanted, got] = [await rendered(fleet), await rendered(there)];
    assert.ok(Object.keys(wanted).length >= PHONES.length);
    assert.deepEqual(got, wanted);
    // Every layer has left its mark, or the comparison would be one of empty files.
    const all = Object.values(wanted).join('\n');
    for (const mark of [
      'bell.wav',
      'Canary-sip-1001',
      'Canary-csv',
      'Canary-profile',
      'Canary-hand',
      'Canary-later',
      'Canary-mac',
      'Canary-mac2',
      'own.device',
      'kiosk',
      'lager.example',
      '5.5.0.1',
      '96.86.0.20.rom',
      'ntp.example',
    ]) {
      assert.ok(all.includes(mark), mark);
    }
    assert.ok(!all.includes('Ring5.wav'), 'what was not pushed yet stays so');
    assert.deepEqual(
      Buffer.concat(await Array.fromAsync(there.resources.download({ resource: 'Bell' }))).toString('latin1'),
      TONE,
    );
    const licence = await Array.fromAsync(there.firmware.download({ firmware: 'Codec 6.2', license: true }));
    assert.equal(Buffer.concat(licence).toString('latin1'), 'KEY\xff');
  });

  it('the new home exports the same folder, and applying again changes nothing', async () => {
    assert.equal((await applied(there)).applied, false);
    const again = join(root, 'again');
    await exported(there, again, { firmware: true });
    assert.deepEqual(content(again), content(folder));
  });

  it('plans what phones get of a MAC file, a renamed resource, a model file; and does exactly that', async () => {
    const mac = join(folder, 'mac-files', `${POLY[3]}.yaml`);
    writeFileSync(mac, readFileSync(mac, 'utf8').replace('"57"', '"58"'));
    const plan = await planned(there);
    assert.deepEqual(plan.affected, [POLY[3]]);
    assert.deepEqual(
      plan.phones.groups[0]?.changes.map(({ param, before, after }) => [
        param,
        before?.value,
        after?.value,
        after?.layer,
      ]),
      [['up.backlight.timeout', '57', '58', 'mac']],
    );
    await applied(there);
    assert.equal((await planned(there)).different, false);
    const list = join(folder, 'resources.yaml');
    writeFileSync(list, readFileSync(list, 'utf8').replace('file: bell.wav', 'file: gong.wav'));
    writeFileSync(join(folder, 'resources', 'gong.wav'), TONE, 'latin1');
    const renamed = await planned(there);
    assert.deepEqual(renamed.changes.resources.changed, ['Bell']);
    assert.deepEqual(renamed.affected, [...POLY, ...CISCO].toSorted());
    await applied(there);
    assert.match(JSON.stringify(await rendered(there)), /gong\.wav/);
  });

  it('a dry run of a MAC file says what the phone would get', async () => {
    const file = '#!version:1.0.0.1\nphone_setting.backlight_time = 30\n';
    const input = { operation: 'config.macUpload', input: { file: `${YEALINK[3]}.cfg` }, dryRun: true };
    const { plan } = await there.pushes.writeBytes({ ...input, source: bytes(file) });
    assert.deepEqual(
      plan?.groups[0]?.changes.map(({ param, kind, after }) => [param, kind, after?.value]),
      [
        ['account.4.password', 'removed', undefined],
        ['phone_setting.backlight_time', 'changed', '30'],
      ],
    );
  });

  it('with prune everything goes that the folder does not have; firmware and what was pushed stay', async () => {
    rmSync(join(folder, 'mac-files'), { recursive: true });
    rmSync(join(folder, 'device-files'), { recursive: true });
    writeFileSync(join(folder, 'resources.yaml'), '[]\n');
    writeFileSync(join(folder, 'approvals.yaml'), 'everywhere: [VVX 450, T54W, T99X, "8841", T53W]\n');
    for (const name of ['p-global.yaml', 'c-global.yaml']) rmSync(join(folder, 'profiles', name));
    const assignments = join(folder, 'assignments.yaml');
    writeFileSync(assignments, readFileSync(assignments, 'utf8').replace(/ {2}- [pc]-global\n/g, ''));
    const kept = await applied(there);
    assert.equal(kept.changes.macFiles.deleted.length, 0);
    assert.deepEqual(kept.strangers['macFiles'], [POLY[3], YEALINK[3]]);
    const { changes } = await applied(there, { prune: true });
    assert.deepEqual(changes.macFiles.deleted, [POLY[3], YEALINK[3]]);
    assert.deepEqual(changes.deviceFiles.deleted, [`${POLY[0]}: ${POLY[0]}-directory.xml`]);
    assert.deepEqual(changes.resources.deleted, ['000000000000-directory.xml', 'Bell']);
    assert.deepEqual(changes.approvals.deleted, ['VVX 250 (Berlin)']);
    assert.deepEqual(changes.profiles.deleted, ['c-global', 'p-global']);
    assert.deepEqual(await Array.fromAsync(there.resources.list({})), []);
    assert.equal((await Array.fromAsync(there.firmware.list({}))).length, 3);
    assert.equal((await planned(there, true)).different, false);
    assert.match(JSON.stringify(await rendered(there)), /Canary-hand/);
  });

  it('without the bytes of its firmware names each image that is not there, with the command', async () => {
    const light = join(root, 'light');
    await exported(fleet, light);
    assert.deepEqual(readdirSync(light).includes('firmware'), false);
    const empty = await newHome();
    const source = await sendFolder(light, sealed());
    const failure = await empty.fleets.plan({ source, prune: false }).catch((error) => error);
    assert.match(failure.hints.join('\n'), /phonectl firmware add 3111-48450-001\.sip\.ld --name "VVX 5\.5"/);
  });
});
