import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { type FolderLine, openFolder, packFolder } from '../../src/sdk/fleet/folder.ts';
import type { FleetApplied, FleetPlan } from '../../src/sdk/fleet/plan.ts';
import { openSecrets, sealSecrets } from '../../src/sdk/fleet/sealed-file.ts';
import type { GivenSecrets } from '../../src/sdk/fleet/secrets.ts';
import { type Validated, validateFolder } from '../../src/sdk/fleet/validate.ts';
import type { Phonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const NONE: GivenSecrets = { sealed: {}, resolved: {} };
const TIMEOUT = 'up.backlight.timeout';

describe('fleet as code', () => {
  let home: TestHome;
  let phonectl: Phonectl;
  let folder: string;
  const others: TestHome[] = [];

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
    folder = mkdtempSync(join(tmpdir(), 'phonectl-fleet-'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    for (const other of [home, ...others.splice(0)]) await other.remove();
  });

  async function newHome(): Promise<Phonectl> {
    const other = await makeHome();
    others.push(other);
    return other.phonectl;
  }

  /** A small fleet with something of everything. */
  async function fill(): Promise<void> {
    await phonectl.sites.add({
      sites: [
        { name: 'Berlin', subnets: [{ public: '20.1.0.0/16', private: ['10.1.0.0/16'] }] },
        { name: 'Lager, "Süd"', parent: 'Berlin', description: 'Zwei, "drei"' },
      ],
    });
    await phonectl.groups.add({ groups: [{ name: 'Lobby' }, { name: 'Kiosk', description: '=1+1' }] });
    await phonectl.groups.setDefaults({ groups: ['Kiosk'] });
    await phonectl.accounts.add({
      accounts: [
        { type: 'sip', name: '1001', username: '1001', password: 'Canary-sip', server: 'sip.example', port: 5061 },
        { type: 'sip', name: '1002', username: '1002', password: '=Canary,"2"', server: 'sip.example' },
      ],
    });
    const csv =
      'mac,model,name,site,groups,line1.account,line2.account,reg.3.auth.password,up.oneTouchVoiceMail\n' +
      '805ec0000001,SIP-T54W,bar,"Lager, ""Süd""",Kiosk|Lobby,1002,,,\n' +
      '0004f2000001,VVX 450,reception,Berlin,Lobby,1001,,Canary-csv,1\n';
    await phonectl.devices.import({ source: bytes(csv) });
    await phonectl.profiles.add({
      name: 'base',
      vendor: 'poly',
      description: 'for all',
      set: [
        { name: TIMEOUT, value: '10' },
        { name: 'reg.4.auth.password', value: 'Canary-profile' },
        { name: 'lcl.ml.lang', value: ' two words ' },
      ],
      custom: true,
    });
    await phonectl.profiles.add({ name: 'Kiosk: no', vendor: 'poly' }).catch(() => undefined);
    await phonectl.profiles
      .add({ name: 'site', vendor: 'poly', set: [{ name: TIMEOUT, value: '0x0A' }], custom: true })
      .catch(
        async () =>
          await phonectl.profiles.add({ name: 'site', vendor: 'poly', set: [{ name: TIMEOUT, value: '20' }] }),
      );
    for (const [profile, target] of [
      ['base', { global: true }],
      ['site', { site: 'Berlin' }],
      ['base', { device: 'reception' }],
      ['site', { model: 'VVX 450' }],
    ] as const) {
      await phonectl.profiles.assign({ profile, target });
    }
    await phonectl.profiles.assign({ profile: 'base', target: { group: 'Lobby' }, apply: 'manual' });
  }

  async function* bytes(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }

  /** Exports into the folder as the command line does; returns the secrets. */
  async function exportTo(path: string, from: Phonectl, secrets = false): Promise<GivenSecrets> {
    rmSync(path, { recursive: true, force: true });
    let given = NONE;
    for await (const line of from.fleets.export({ secrets }) as AsyncIterable<FolderLine>) {
      if ('secrets' in line) given = line.secrets;
      else if ('text' in line) write(path, line.file, line.text, 'a');
      else assert.fail(`${line.file} is no text`);
    }
    return given;
  }

  function write(path: string, file: string, text: string, flag: 'w' | 'a' = 'w'): void {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text, { flag });
  }

  function edit(file: string, from: string | RegExp, to: string): void {
    const text = readFileSync(join(folder, file), 'utf8');
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `${file} holds ${from}`);
    write(folder, file, changed);
  }

  function content(path: string): Record<string, string> {
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort()
        .map((file) => [file.slice(path.length), readFileSync(file, 'utf8')]),
    );
  }

  async function plan(to: Phonectl, options: { secrets?: GivenSecrets; prune?: boolean } = {}): Promise<FleetPlan> {
    const source = packFolder(openFolder(folder), options.secrets ?? NONE);
    return await to.fleets.plan({ source, prune: options.prune ?? false });
  }

  async function apply(
    to: Phonectl,
    options: { secrets?: GivenSecrets; prune?: boolean; digest?: string } = {},
  ): Promise<FleetApplied> {
    const source = packFolder(openFolder(folder), options.secrets ?? NONE);
    return await to.fleets.apply({ source, prune: options.prune ?? false, digest: options.digest });
  }

  async function validate(): Promise<Validated> {
    return await validateFolder(openFolder(folder), new AbortController().signal);
  }

  /** What a phone would get, but for the credentials that phonectl makes for each phone itself. */
  async function rendered(from: Phonectl, device: string): Promise<string> {
    const { device: mac, files } = await from.configs.render({ device, showSecrets: true });
    let text = JSON.stringify(files.map(({ name, text: body }) => [name, body]));
    const own = await from.enrolments.showCredentials({ device: mac, reveal: true });
    for (const { password } of own) text = text.replaceAll(password, '<own>');
    return text;
  }

  it('exports nothing secret, everything else, and the same again', async () => {
    await fill();
    await exportTo(folder, phonectl);
    const first = content(folder);
    assert.ok(!JSON.stringify(first).includes('Canary'));
    assert.match(first['/profiles/base.yaml'] ?? '', /reg\.4\.auth\.password:\n {4}secret: "?home:"?/);
    const macs = (first['/devices.csv'] ?? '').split('\n').map((line) => line.slice(0, 12));
    assert.deepEqual(macs.slice(1, 3), ['0004f2000001', '805ec0000001']);
    await exportTo(folder, phonectl);
    assert.deepEqual(content(folder), first);
  });

  it('a fleet is as its own export says: applying it changes nothing', async () => {
    await fill();
    await exportTo(folder, phonectl);
    assert.deepEqual((await validate()).problems, []);
    const planned = await plan(phonectl);
    assert.equal(planned.different, false);
    assert.deepEqual(Object.values(planned.strangers).flat(), []);
    assert.equal((await apply(phonectl)).applied, false);
  });

  it('moves a fleet: export with secrets, a new home, apply; every phone gets the same', async () => {
    await fill();
    const secrets = await exportTo(folder, phonectl, true);
    const there = await newHome();
    const applied = await apply(there, { secrets });
    assert.deepEqual(applied.changes.devices.created.length, 2);
    assert.equal((await apply(there, { secrets })).applied, false);
    const again = join(folder, 'again');
    await exportTo(again, there);
    const before = content(folder);
    for (const [file, text] of Object.entries(content(again))) assert.equal(text, before[file], file);
    rmSync(again, { recursive: true });
    for (const device of ['reception', 'bar']) {
      assert.equal(await rendered(there, device), await rendered(phonectl, device), device);
    }
  });

  it('without the secrets names each that is missing, and applies nothing', async () => {
    await fill();
    await exportTo(folder, phonectl);
    const there = await newHome();
    const failure = await apply(there).catch((error) => error);
    assert.equal(failure.code, 'invalid_data');
    const places = failure.details.problems.map(({ file, line, column }: Validated['problems'][number]) => [
      file,
      line,
      column,
    ]);
    assert.deepEqual(places, [
      ['accounts.csv', 2, 'password'],
      ['accounts.csv', 3, 'password'],
      ['devices.csv', 2, 'reg.3.auth.password'],
      ['profiles/base.yaml', 6, 3],
    ]);
    assert.deepEqual(await Array.fromAsync(there.accounts.list({})), []);
    assert.deepEqual(await Array.fromAsync(there.profiles.list({ types: ['user'] })), []);
  });

  it('plans what the phones get, and does exactly that', async () => {
    await fill();
    await exportTo(folder, phonectl);
    edit('profiles/site.yaml', /up\.backlight\.timeout: .*/, 'up.backlight.timeout: 30');
    edit('devices.csv', 'reception', 'front desk');
    const planned = await plan(phonectl);
    assert.deepEqual(planned.changes.profiles.changed, ['site']);
    assert.equal(planned.changes.devices.changed.length, 1);
    const changes = planned.phones.groups.flatMap((group) =>
      group.changes.map(({ param, after }) => [param, after?.value]),
    );
    assert.deepEqual(changes, []);
    edit('assignments.yaml', /devices:\n[^\n]+\n[^\n]+\n/, '');
    const pruned = await plan(phonectl, { prune: true });
    assert.deepEqual(
      pruned.phones.groups.map(({ devices, changes: list }) => [
        devices.map(({ device }) => device),
        list.map(({ param, before, after }) => [param, before?.value, after?.value]),
      ]),
      [[['front desk'], [[TIMEOUT, '10', '30']]]],
    );
    await apply(phonectl, { prune: true, digest: pruned.digest });
    const [explained] = await phonectl.configs.explain({ device: 'front desk', params: [TIMEOUT] });
    assert.deepEqual([explained?.value, explained?.layer, explained?.beaten.length], ['30', 'site', 2]);
  });

  it('sees what a site brings along that gets another parent', async () => {
    await fill();
    await phonectl.sites.add({ sites: [{ name: 'Lyon' }] });
    await phonectl.devices.edit({ devices: ['reception'], site: 'Lager, "Süd"' });
    await phonectl.profiles.unassign({ profile: 'base', target: { device: 'reception' } });
    await phonectl.profiles.unassign({ profile: 'site', target: { model: 'VVX 450' } });
    await exportTo(folder, phonectl);
    edit('sites.csv', '"Lager, ""Süd""",Berlin', '"Lager, ""Süd""",Lyon');
    const { phones, changes } = await plan(phonectl);
    assert.deepEqual(changes.sites.changed, ['Lager, "Süd"']);
    assert.deepEqual(
      phones.groups.map(({ devices, changes: list }) => [
        devices.map(({ device }) => device),
        list.map(({ param, before, after }) => [param, before?.layer, after?.layer]),
      ]),
      [[['reception'], [[TIMEOUT, 'site', 'global']]]],
    );
  });

  it('refuses a plan that does not fit any more', async () => {
    await fill();
    await exportTo(folder, phonectl);
    edit('profiles/site.yaml', /up\.backlight\.timeout: .*/, 'up.backlight.timeout: 30');
    const { digest } = await plan(phonectl);
    await phonectl.profiles.set({ profile: 'base', set: [{ name: TIMEOUT, value: '50' }] });
    await assert.rejects(apply(phonectl, { digest }), { code: 'stale' });
    const { parameters } = await phonectl.profiles.show({ profile: 'site' });
    assert.notEqual(parameters[0]?.value, '30');
  });

  it('the order of rows, keys and files means nothing', async () => {
    await fill();
    await exportTo(folder, phonectl);
    for (const file of ['sites.csv', 'accounts.csv', 'devices.csv']) {
      if (file === 'sites.csv') continue;
      const [header, ...rows] = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
      write(folder, file, [header, ...rows.reverse(), ''].join('\n'));
    }
    edit('profiles/base.yaml', /^name: base\nvendor: poly\n/, 'vendor: poly\nname: base\n');
    edit('profiles/base.yaml', / {2}up\.backlight[^\n]*\n/, '');
    write(folder, 'profiles/base.yaml', `  ${TIMEOUT}: 10\n`, 'a');
    const { changes, different } = await plan(phonectl);
    assert.equal(different, false, JSON.stringify(changes));
  });

  it('deletes what the folder does not have only with prune', async () => {
    await fill();
    await exportTo(folder, phonectl);
    edit('devices.csv', /805ec0000001[^\n]*\n/, '');
    edit('accounts.csv', /sip,1002[^\n]*\n/, '');
    rmSync(join(folder, 'profiles/site.yaml'));
    edit('assignments.yaml', /^sites:\n[^\n]+\n[^\n]+\n/m, '');
    edit('assignments.yaml', /^models:\n[^\n]+\n[^\n]+\n/m, '');
    const kept = await plan(phonectl);
    assert.deepEqual(
      [kept.different, kept.strangers['devices'], kept.strangers['accounts']],
      [false, ['bar (805ec0000001)'], ['sip:1002']],
    );
    const applied = await apply(phonectl, { prune: true });
    assert.deepEqual(applied.changes.devices.deleted, ['bar (805ec0000001)']);
    assert.deepEqual(applied.changes.profiles.deleted, ['site']);
    assert.equal(applied.phonesRemoved, 1);
    const devices = await Array.fromAsync(phonectl.devices.list({}));
    assert.deepEqual(
      devices.map(({ name }) => name),
      ['reception'],
    );
    assert.equal((await apply(phonectl, { prune: true })).applied, false);
  });

  it('takes secrets from the environment and from files, and names those that are not there', async () => {
    await fill();
    await exportTo(folder, phonectl);
    edit('accounts.csv', 'sip,1001,1001,,home:', 'sip,1001,1001,,env:SIP_1001');
    const missing = await plan(phonectl).catch((error) => error);
    assert.deepEqual(missing.details.problems[0].reason, 'The environment variable SIP_1001 is not set.');
    const { externalSecrets } = await import('../../src/sdk/fleet/references.ts');
    assert.deepEqual([...(await externalSecrets(openFolder(folder)))], ['env:SIP_1001']);
    await apply(phonectl, { secrets: { sealed: {}, resolved: { 'env:SIP_1001': 'new-one' } } });
    assert.equal((await phonectl.accounts.show({ account: '1001', reveal: true })).password, 'new-one');
  });

  it('leaves nothing behind, and clears what a killed process has left', async () => {
    const run = join(home.path, 'run');
    mkdirSync(join(run, 'fleet-killed'), { recursive: true });
    utimesSync(join(run, 'fleet-killed'), 0, 0);
    await exportTo(folder, phonectl);
    await plan(phonectl);
    assert.deepEqual(
      readdirSync(run).filter((name) => name.startsWith('fleet-')),
      [],
    );
  });

  it('refuses the folder of another company', async () => {
    await exportTo(folder, phonectl);
    edit('fleet.yaml', 'company: Acme', 'company: Globex');
    const failure = await plan(phonectl).catch((error) => error);
    assert.equal(failure.code, 'invalid_data');
    assert.match(failure.hints[0], /fleet\.yaml:2:\d+: This is the fleet of Globex/);
  });

  describe('validate', () => {
    async function problemsOf(file: string, text: string): Promise<readonly string[]> {
      write(folder, 'fleet.yaml', 'phonectl: fleet/1\ncompany: Acme\n');
      write(folder, file, text);
      const { problems, valid } = await validate();
      assert.equal(valid, problems.length === 0);
      return problems.map(({ file: name, line, column, reason }) => `${name}:${line}:${column}: ${reason}`);
    }

    it('names file, line and column of what is wrong', async () => {
      const cases = [
        ['fleet.yaml', 'phonectl: fleet/2\ncompany: Acme\n', /^fleet\.yaml:1:\d+: "phonectl" should be "fleet\/1"/],
        [
          'fleet.yaml',
          'phonectl: fleet/1\ncompany: A\nsetings: {}\n',
          /^fleet\.yaml:3:\d+: "setings" is not known here/,
        ],
        ['profiles/a.yaml', 'name: a\nvendor: poli\n', /^profiles\/a\.yaml:2:\d+: "vendor" should be/],
        ['profiles/a.yaml', 'name: a\nname: b\nvendor: poly\n', /^profiles\/a\.yaml:2:1: .*unique/],
        ['profiles/a.yaml', 'name: [a\n', /^profiles\/a\.yaml:\d+:\d+: /],
        ['assignments.yaml', 'sites:\n  Berlim: []\n', /^assignments\.yaml:2:\d+: There is no site "Berlim"/],
        ['sites.csv', 'site_name,parent\nA,\nB,C\n', /^sites\.csv:3:parent: There is no site "C"/],
        ['sites.csv', 'site_name,colour\nA,red\n', /^sites\.csv:1:.*colour/],
        ['devices.csv', 'mac,site\n0004f2000001,\n\n0004f200000x,\n', /^devices\.csv:4:mac: /],
        ['devices.csv', 'mac,line1.account\n0004f2000001,1001\n', /^devices\.csv:2:line1\.account: /],
        [
          'accounts.csv',
          'type,name,username,server,password\nsip,1,1,s.example,env:\n',
          /^accounts\.csv:2:password: The reference/,
        ],
      ] as const;
      for (const [file, text, expected] of cases) {
        const problems = await problemsOf(file, text);
        assert.equal(problems.length, 1, `${file} ${text}: ${problems.join('\n')}`);
        assert.match(problems[0]!, expected);
        rmSync(join(folder, file));
      }
    });

    it('warns of secrets that stand there in the clear, and of parameters that no catalogue knows', async () => {
      write(folder, 'fleet.yaml', 'phonectl: fleet/1\ncompany: Acme\n');
      write(folder, 'accounts.csv', 'type,name,username,server,password\nsip,1,1,s.example,hunter2\n');
      write(folder, 'profiles/a.yaml', 'name: a\nvendor: poly\nparameters:\n  up.backlight.timeuot: 10\n');
      const { valid, warnings } = await validate();
      assert.equal(valid, true);
      assert.match(warnings.join('\n'), /accounts\.csv:2: .*for everybody to read/);
      assert.match(warnings.join('\n'), /profiles\/a\.yaml:4:\d+: .*up\.backlight\.timeout/);
      assert.ok(!warnings.join('\n').includes('hunter2'));
    });

    it('takes a folder without any table', async () => {
      assert.deepEqual(await problemsOf('fleet.yaml', 'phonectl: fleet/1\ncompany: Acme\n'), []);
    });
  });

  it('whatever the texts are, the folder brings them back', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', "'", ':', '#', ' ', '\\', '{', '%', '&', '*', '-', 'ü', '1'),
    });
    const parameters = fc.dictionary(fc.constantFrom(TIMEOUT, 'x.y', 'reg.1.label', 'reg.1.auth.password'), text, {
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(parameters, text, async (given, description) => {
        const set = Object.entries(given).map(([name, value]) => ({ name, value: name === TIMEOUT ? '15' : value }));
        const input = { name: 'p', vendor: 'poly', description, set, custom: true } as const;
        await phonectl.profiles.add(input);
        const secrets = await exportTo(folder, phonectl, true);
        const shown = await phonectl.profiles.show({ profile: 'p', reveal: true });
        await phonectl.profiles.delete({ profiles: ['p'] });
        await apply(phonectl, { secrets });
        const back = await phonectl.profiles.show({ profile: 'p', reveal: true });
        await phonectl.profiles.delete({ profiles: ['p'] });
        assert.deepEqual([back.parameters, back.description], [shown.parameters, shown.description]);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the secrets file', () => {
  it('opens with its passphrase only, and only unchanged', () => {
    const sealed = sealSecrets({ 'account:sip/1': 'pässword' }, 'correct horse');
    assert.ok(!sealed.includes('pässword'));
    assert.deepEqual(openSecrets(sealed, 'correct horse', 'f'), { 'account:sip/1': 'pässword' });
    assert.throws(() => openSecrets(sealed, 'wrong horse', 'f'), { code: 'wrong_key' });
    const content = JSON.parse(sealed) as { data: string; kdf: { N: number } };
    const data = Buffer.from(content.data, 'base64');
    data[0]! ^= 1;
    const changed = JSON.stringify({ ...content, data: data.toString('base64') });
    assert.throws(() => openSecrets(changed, 'correct horse', 'f'), { code: 'wrong_key' });
    const dear = JSON.stringify({ ...content, kdf: { ...content.kdf, N: 2 ** 24 } });
    assert.throws(() => openSecrets(dear, 'correct horse', 'f'), { code: 'invalid_file' });
    assert.throws(() => openSecrets('nothing', 'correct horse', 'f'), { code: 'invalid_file' });
  });
});
