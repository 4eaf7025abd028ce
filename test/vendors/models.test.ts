/** The model catalogue: what is shipped, and what a home lays over it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCapability, checkFirmware, type Model, type ModelCatalogue } from '../../src/domain/models.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import { compileModels } from '../../src/vendors/compile.ts';
import { loadModels } from '../../src/vendors/models.ts';
import { driverOf } from '../../src/vendors/registry.ts';

const TEMPLATES = join(import.meta.dirname, '../../templates');

describe('shipped models', () => {
  let models: ModelCatalogue;

  before(async () => {
    models = await loadModels();
  });

  function model(name: string): Model {
    const found = models.find(name);
    assert.ok(found !== undefined, name);
    return found;
  }

  it('finds a model by any common spelling', () => {
    for (const [spelling, name] of [
      ['vvx450', 'VVX 450'],
      ['Polycom VVX 450', 'VVX 450'],
      ['VVX_450', 'VVX 450'],
      ['RealPresence Trio 8800', 'Trio 8800'],
      ['SPIP 550', 'SoundPoint IP 550'],
      ['SIP-T54W', 'T54W'],
      ['Yealink SIP-T46S', 'T46S'],
      ['t21(p)e2', 'T21P_E2'],
      ['VP-T49G', 'T49G'],
      ['CP-8841-3PCC', '8841'],
      ['Cisco 8841', '8841'],
      ['Polycom Studio', 'Studio'],
    ] as const)
      assert.equal(models.find(spelling)?.name, name, spelling);
    assert.equal(models.find('nosuch'), undefined);
    assert.ok(models.suggest('VVX 45').includes('VVX 450'));
  });

  it('every name, alias, User-Agent token and part leads to one model', () => {
    const seen = new Map<string, string>();
    for (const one of models.list()) {
      assert.equal(models.find(one.name, one.vendor), one, one.name);
      for (const alias of one.aliases) assert.equal(models.find(alias, one.vendor), one, alias);
      for (const token of [one.name, ...one.userAgents])
        assert.equal(models.byUserAgent(one.vendor, token), one, token);
      for (const part of one.parts) {
        assert.equal(seen.get(part), undefined, `${part} of ${one.name} and ${seen.get(part)}`);
        seen.set(part, one.name);
      }
    }
    assert.ok(models.list().length > 180);
  });

  it('MODEL-02..06: firmware rules', () => {
    const cases: [string, string, string][] = [
      ['T46S', '66.83.0.30', 'supported'],
      ['T46S', '66.84.0.10', 'unsupported'],
      ['T46S', '66.9.0.45', 'supported'],
      ['T46S', '66.9.0.46', 'unsupported'],
      ['T46S', '96.86.0.15', 'unknown'],
      ['T58A', '58.83.0.5', 'supported'],
      ['T58A', '55.9.0.6', 'supported'],
      ['T40P', '54.84.0.69', 'supported'],
      ['T40P', '54.84.0.70', 'unsupported'],
      ['CP960', '73.83.0.10', 'supported'],
      ['CP960', '73.15.0.19', 'unsupported'],
      ['CP960', '73.30.0.10', 'supported'],
      ['CP920', '78.84.0.14', 'unsupported'],
      ['T53W', '95.84.0.10', 'supported'],
      ['T53W', '96.86.0.75', 'supported'],
      ['T57W', '97.84.0.29', 'unsupported'],
      ['W60B', '77.83.0.10', 'supported'],
      ['VP59', '91.283.0.10', 'supported'],
      ['VP59', '91.332.0.9', 'unsupported'],
      ['VC200', '0.32.10.25', 'supported'],
      ['PVT950', '1345.32.10.39', 'unsupported'],
      ['MVC500', '92.11.0.10', 'supported'],
      ['T30P', '124.86.0.75', 'unknown'],
      ['T46S', 'nonsense', 'unknown'],
    ];
    for (const [name, firmware, status] of cases)
      assert.equal(checkFirmware(model(name), firmware).status, status, `${name} ${firmware}`);
    assert.match(checkFirmware(model('T46S'), '66.72.0.1').reason ?? '', /older than XX\.83\.0\.30/);
  });

  it('MODEL-11: the list of tested versions is not one of unsupported ones', () => {
    assert.equal(checkFirmware(model('VVX 450'), '5.9.1.615').status, 'supported');
    assert.deepEqual(checkFirmware(model('VVX 300'), '5.5.2.8571').status, 'unknown');
  });

  it('MODEL-07, MODEL-10, MODEL-12..17: capabilities, with the reason why not', () => {
    const no: [string, Parameters<typeof checkCapability>[1], string?][] = [
      ['SoundPoint IP 550', 'rest'],
      ['SoundStation IP 6000', 'deviceControl'],
      ['SoundStructure VoIP Interface', 'sipStatus'],
      ['CX5100', 'rest'],
      ['CX5500', 'callStatus'],
      ['VVX 450', 'callStatus', '5.7.0.11768'],
      ['VVX 450', 'lineInfo', '5.7.0.11768'],
      ['VVX 450', 'cloudRegistration'],
      ['SoundPoint IP 550', 'packetCapture'],
      ['Studio', 'checkSync'],
      ['Studio', 'licensed'],
      ['T46S', 'logSettings'],
      ['VC800', 'logSettings', '63.32.0.34'],
      ['MVC500', 'accounts'],
      ['CP960', 'accounts', '73.15.0.20'],
      ['T58A', 'qoe', '58.15.0.20'],
      ['Edge E350', 'callControl'],
    ];
    for (const [name, capability, firmware] of no) {
      const answer = checkCapability(model(name), capability, firmware);
      assert.equal(answer.can, false, `${name} ${capability}`);
      assert.ok(!answer.can && answer.reason.length > 10);
    }
    const yes: typeof no = [
      ['VVX 450', 'callStatus', '5.9.1.615'],
      ['CX5500', 'rest'],
      ['Trio 8800', 'alexa'],
      ['Trio 8800', 'cloudRegistration'],
      ['Trio 8500', 'packetCapture'],
      ['VVX 150', 'packetCapture'],
      ['VC800', 'logSettings', '63.32.0.35'],
      ['T46S', 'accounts'],
    ];
    for (const [name, capability, firmware] of yes)
      assert.ok(checkCapability(model(name), capability, firmware).can, `${name} ${capability}`);
    assert.equal(model('Studio').idBy, 'serial');
    assert.equal(model('VVX 450').idBy, 'mac');
  });

  it('CSV-06: endpoint types are families', () => {
    for (const [type, family] of [
      ['VVX', 'VVX'],
      ['SoundStation', 'SoundStation IP'],
      ['SoundPoint', 'SoundPoint IP'],
      ['SoundStructure VoIP Interface', 'SoundStructure'],
      ['Polycom Trio', 'Trio'],
      ['CX', 'CX'],
      ['polycom studio', 'Studio'],
    ] as const)
      assert.deepEqual(models.familyOf(type), { vendor: 'poly', family }, type);
    assert.equal(models.familyOf('Toaster'), undefined);
  });

  it('knows the numbers of common files and the parts of images', () => {
    assert.equal(model('T43U').commonFile, 107);
    assert.equal(model('T28P').commonFile, 0);
    assert.deepEqual(
      models.byCommonFile(96).map(({ name }) => name),
      ['T54W'],
    );
    assert.equal(models.byPart('3111-48450-001')?.name, 'VVX 411');
    assert.equal(models.vendorOfMac('805ec0aabbcc'), 'yealink');
    assert.equal(models.vendorOfMac('00562b043615'), undefined);
  });
});

describe('models of a home', () => {
  let folder: string;
  const home = { file: (...segments: string[]): string => join(folder, ...segments) };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-models-'));
    mkdirSync(join(folder, 'models'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('add a phone and change one, without TypeScript and for the drivers as well', async () => {
    writeFileSync(
      home.file('models', 'own.yaml'),
      'vendor: yealink\nfamilies:\n  - family: T9\n    models:\n      - { name: T99X, commonFile: 999, maxLines: 3 }\n  - family: T5\n    models:\n      - { name: T54W, maxLines: 2 }\n',
    );
    const models = await loadModels(home);
    assert.equal(models.find('SIP-T99X')?.commonFile, 999);
    assert.equal(models.find('T54W')?.maxLines, 2);
    assert.equal(models.find('T54W')?.commonFile, 96, 'what is not named stays');
    const driver = await driverOf('yealink', home);
    const found = driver.identify({
      method: 'GET',
      path: '/',
      userAgent: 'Yealink SIP-T99X 99.86.0.1 80:5e:c0:00:00:01',
    });
    assert.equal(found?.model, 'T99X');
    assert.equal((await loadModels()).find('T99X'), undefined, 'other homes do not see it');
  });

  it('are read once, and again when they change', async () => {
    const path = home.file('models', 'own.json');
    writeFileSync(
      path,
      JSON.stringify({ vendor: 'cisco', families: [{ family: 'X', models: [{ name: 'X1', maxLines: 1 }] }] }),
    );
    const first = await loadModels(home);
    assert.equal(await loadModels(home), first);
    writeFileSync(
      path,
      JSON.stringify({ vendor: 'cisco', families: [{ family: 'X', models: [{ name: 'X1', maxLines: 7 }] }] }),
    );
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    assert.equal((await loadModels(home)).find('X1')?.maxLines, 7);
  });

  it('tell file, line and column of what is wrong', async () => {
    const cases: [string, RegExp, number, number][] = [
      [
        'vendor: poly\nfamilies:\n  - family: VVX\n    models:\n      - { name: VVX 999, maxLines: many }\n',
        /maxLines should be number/,
        5,
        36,
      ],
      [
        'vendor: poly\nfamilies:\n  - family: VVX\n    models:\n      - { name: VVX 999, lines: 3 }\n',
        /lines is not known/,
        5,
        33,
      ],
      ['vendor: poly\nfamilies: [\n', /./, 3, 1],
      ['vendor: snom\nfamilies: []\n', /vendor should be/, 1, 9],
      [
        'vendor: poly\nfamilies:\n  - family: VVX\n    firmware: [{ edition: x, min: new }]\n    models: []\n',
        /no version pattern/,
        4,
        35,
      ],
      ['vendor: poly\nfamilies:\n  - models: []\n', /family should be/, 3, 5],
    ];
    for (const [text, why, line, column] of cases) {
      writeFileSync(home.file('models', 'own.yaml'), text);
      await assert.rejects(loadModels(home), (error) => {
        assert.ok(isPhonectlError(error), String(error));
        assert.equal(error.code, 'invalid_file');
        assert.match(error.message, why);
        assert.deepEqual([error.details['line'], error.details['column']], [line, column], error.message);
        assert.equal(error.details['file'], home.file('models', 'own.yaml'));
        return true;
      });
    }
  });

  it('are not expanded without bound', async () => {
    const bomb = `vendor: poly\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`)
      .join('\n')}\nfamilies: []\n`;
    writeFileSync(home.file('models', 'own.yaml'), bomb);
    await assert.rejects(loadModels(home), (error) => isPhonectlError(error) && error.code === 'invalid_file');
  });
});

describe('compiled models', () => {
  it('are the same as the YAML they are made of', () => {
    const compiled = compileModels(TEMPLATES);
    assert.deepEqual(JSON.parse(JSON.stringify(compiled)), compiled);
    assert.deepEqual(compiled.map(({ vendor }) => vendor).sort(), ['cisco', 'other', 'poly', 'yealink']);
  });
});
