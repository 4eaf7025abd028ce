/** Files and profiles: import, export, lint, schemas. */
import assert from 'node:assert/strict';
import { inflateRawSync } from 'node:zlib';
import { isPhonectlError, type Phonectl, type PhonectlError } from '../../src/sdk/index.ts';
import type { Vendor } from '../../src/vendors/driver.ts';
import { driverOf } from '../../src/vendors/registry.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { corpusFile, corpusNames } from '../vendors/fixtures.ts';

async function* bytes(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof text === 'string' ? Buffer.from(text) : text;
}

async function collect(chunks: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  return Buffer.concat((await Array.fromAsync(chunks)).map((chunk) => Buffer.from(chunk)));
}

async function failure(promise: Promise<unknown>): Promise<PhonectlError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(isPhonectlError(error), String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'it should have failed' });
}

describe('files and profiles', () => {
  let home: TestHome;
  let phonectl: Phonectl;

  beforeEach(async () => {
    home = await makeHome();
    phonectl = home.phonectl;
  });
  afterEach(() => home.remove());

  const poly = (attributes: string): string =>
    `<?xml version="1.0"?>\n<polycomConfig>\n  <x ${attributes}/>\n</polycomConfig>\n`;

  describe('import', () => {
    it('PROF-13: takes over a file of each vendor, and sees whose it is', async () => {
      const files: [string, string, Vendor, string][] = [
        ['site.cfg', poly('call.autoAnswer.SIP="1" my.own.thing="x"'), 'poly', 'call.autoAnswer.SIP'],
        ['y.cfg', '#!version:1.0.0.1\naccount.1.label = Bar\n', 'yealink', 'account.1.label'],
        [
          'c.xml',
          '<device><flat-profile><Display_Name_1_>Bar</Display_Name_1_></flat-profile></device>',
          'cisco',
          'Display_Name_1_',
        ],
      ];
      for (const [name, text, vendor, parameter] of files) {
        const done = await phonectl.profiles.import({ source: bytes(text), name });
        assert.deepEqual([done.vendor, done.created, done.profile], [vendor, true, name.slice(0, name.indexOf('.'))]);
        const shown = await phonectl.profiles.show({ profile: done.profile });
        assert.equal(shown.vendor, vendor);
        assert.ok(
          shown.parameters.some((one) => one.name === parameter),
          name,
        );
      }
    });

    it('PROF-14: what is in no catalogue passes, and is named', async () => {
      const done = await phonectl.profiles.import({ source: bytes(poly('my.own.thing="x"')), name: 'a.cfg' });
      assert.deepEqual(done.custom, ['my.own.thing']);
    });

    it('B-10: into a profile that exists, what the file says wins; --replace takes the rest away', async () => {
      const set = [
        { name: 'call.autoAnswer.SIP', value: '0' },
        { name: 'up.screenCapture.enabled', value: '1' },
      ];
      await phonectl.profiles.add({ name: 'p', vendor: 'poly', set });
      const input = () => ({ source: bytes(poly('call.autoAnswer.SIP="1"')), name: 'a.cfg', profile: 'P' });
      const values = async () =>
        (await phonectl.profiles.show({ profile: 'p' })).parameters.map(({ name, value }) => `${name}=${value}`);
      assert.equal((await phonectl.profiles.import(input())).created, false);
      assert.deepEqual(await values(), ['call.autoAnswer.SIP=1', 'up.screenCapture.enabled=1']);
      await phonectl.profiles.import({ ...input(), replace: true });
      assert.deepEqual(await values(), ['call.autoAnswer.SIP=1']);
    });

    it('VAL-15: refuses 456 with line and column', async () => {
      const source = bytes(poly('device.auth.localAdminPassword="456"'));
      const error = await failure(phonectl.profiles.import({ source, name: 'a.cfg' }));
      assert.equal(error.code, 'invalid_data');
      assert.match(error.message, /^a\.cfg, line 3, column \d+: .*456/);
    });

    it('W-02: from a file that a phone wrote, nothing that decides who holds the phone', async () => {
      const text = poly('device.prov.serverName="evil.example" lcl.ml.lang="German_Germany"');
      const name = '0004f2000001-web.cfg';
      const careful = await phonectl.profiles.import({ source: bytes(text), name, dryRun: true });
      assert.equal(careful.parameters, 1);
      assert.match(careful.remarks[0]?.message ?? '', /^device\.prov\.serverName decides who holds the phone/);
      const asked = await phonectl.profiles.import({ source: bytes(text), name, protected: true, dryRun: true });
      assert.equal(asked.parameters, 2);
    });

    it('SEC-05: a secret in a file is sealed, and a masked one is left out', async () => {
      const secret = poly('reg.1.auth.password="Canary-11"');
      await phonectl.profiles.import({ source: bytes(secret), name: 'p.cfg' });
      const shown = await phonectl.profiles.show({ profile: 'p' });
      assert.equal(shown.parameters[0]?.secret, true);
      assert.notEqual(shown.parameters[0]?.value, 'Canary-11');
      const exported = await collect(phonectl.profiles.export({ profiles: ['p'], form: 'file' }));
      assert.ok(!exported.includes('Canary-11'));
      await phonectl.profiles.import({ source: bytes(exported), name: 'p.cfg' });
      const again = await phonectl.profiles.show({ profile: 'p', reveal: true });
      assert.equal(again.parameters[0]?.value, 'Canary-11', 'asterisks do not overwrite a password');
    });

    it('acceptance 4: refuses what is no configuration, with line and column', async () => {
      for (const [name, text] of [
        ['a.xml', '<YealinkIPPhoneConfiguration Beep="no"/>'],
        ['b.cfg', '<polycomConfig><x a.b="1"</polycomConfig>'],
        ['c.xml', '<!DOCTYPE x [<!ENTITY a "b">]><x a.b="&a;"/>'],
        ['d.cfg', '#!encrypt\nabc'],
      ] as const) {
        const error = await failure(phonectl.profiles.import({ source: bytes(text), name }));
        assert.equal(error.code, 'invalid_file', name);
        assert.match(error.message, /, line \d+, column \d+/, name);
      }
      assert.equal((await Array.fromAsync(phonectl.profiles.list({ types: ['user'] }))).length, 0);
    });
  });

  describe('export', () => {
    it('PROF-20: all user-defined profiles as a ZIP archive, byte for byte what one alone gives', async () => {
      await phonectl.profiles.add({
        name: 'Zürich',
        vendor: 'poly',
        set: [{ name: 'call.autoAnswer.SIP', value: '1' }],
      });
      await phonectl.profiles.add({ name: 'bar', vendor: 'cisco', set: [{ name: 'Display_Name_1_', value: 'a<b' }] });
      const entries = unzip(await collect(phonectl.profiles.export({ form: 'zip' })));
      assert.deepEqual([...entries.keys()], ['bar.xml', 'Zürich.cfg']);
      const alone = await collect(phonectl.profiles.export({ form: 'file', profiles: ['zürich'] }));
      assert.deepEqual(entries.get('Zürich.cfg'), alone);
      assert.match(entries.get('bar.xml')?.toString() ?? '', /a&lt;b/);
    });

    function unzip(archive: Buffer): Map<string, Buffer> {
      const entries = new Map<string, Buffer>();
      let at = archive.readUInt32LE(archive.length - 22 + 16);
      for (let left = archive.readUInt16LE(archive.length - 22 + 10); left > 0; left -= 1) {
        assert.equal(archive.toString('latin1', at, at + 4), 'PK\x01\x02');
        const [packed, length] = [archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
        const name = archive.toString('utf8', at + 46, at + 46 + length);
        const local = archive.readUInt32LE(at + 42);
        const start = local + 30 + archive.readUInt16LE(local + 26);
        entries.set(name, inflateRawSync(archive.subarray(start, start + packed)));
        at += 46 + length;
      }
      return entries;
    }
  });

  describe('lint', () => {
    it('names what phones will ignore, what is beaten, and what may be misspelt', async () => {
      await phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'a' }] });
      const auto = (value: string) => [{ name: 'call.autoAnswer.SIP', value }];
      await phonectl.profiles.add({ name: 'one', vendor: 'poly', set: auto('1'), models: ['VVX 250'] });
      await phonectl.profiles.add({ name: 'two', vendor: 'poly', set: auto('0') });
      await phonectl.profiles.add({
        name: 'odd',
        vendor: 'poly',
        custom: true,
        set: [{ name: 'reg.1.adress', value: 'x' }],
      });
      for (const profile of ['one', 'two']) await phonectl.profiles.assign({ profile, target: { global: true } });
      const findings = await Array.fromAsync(phonectl.profiles.lint({}));
      const said = (profile: string): string =>
        findings
          .filter((one) => one.profile === profile)
          .map(({ reason }) => reason)
          .join('\n');
      assert.match(said('one'), /1 phone will not take it: VVX 450 is none of VVX 250/);
      assert.match(said('two'), /"one" beats it at global/, 'B-10');
      assert.match(said('odd'), /no parameter reg\.1\.adress/);
      assert.ok(findings.every(({ severity }) => severity === 'warning'));
    });

    it('PROF-13: a parameter of another vendor is told apart from a misspelt one', async () => {
      const set = [{ name: 'Profile_Rule', value: 'x' }];
      const error = await failure(phonectl.profiles.add({ name: 'p', vendor: 'poly', set }));
      assert.match(error.message, /is a parameter of Cisco phones/);
    });

    it('refuses what no file of the vendor can carry, before any phone would get it', async () => {
      const control = [{ name: 'reg.1.label', value: 'a\nb' }];
      assert.match(
        (await failure(phonectl.profiles.add({ name: 'p', vendor: 'poly', set: control }))).message,
        /U\+000A/,
      );
      const blank = [{ name: 'account.1.label', value: 'a ' }];
      assert.match(
        (await failure(phonectl.profiles.add({ name: 'q', vendor: 'yealink', set: blank }))).message,
        /blank/,
      );
    });
  });

  describe('schemas', () => {
    const schema = `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
      <xsd:simpleType name="UInt_3_9"><xsd:restriction base="xsd:nonNegativeInteger">
        <xsd:minInclusive value="3"/><xsd:maxInclusive value="9"/></xsd:restriction></xsd:simpleType>
      <xsd:simpleType name="StringPassword_0_32"><xsd:restriction base="xsd:string">
        <xsd:maxLength value="32"/></xsd:restriction></xsd:simpleType>
      <xsd:attribute name="zoo.1.animals" type="UInt_3_9"><xsd:annotation>
        <xsd:documentation>number min 3 max 9 default 4.</xsd:documentation></xsd:annotation></xsd:attribute>
      <xsd:attribute name="zoo.2.animals" type="UInt_3_9"/>
      <xsd:attribute name="zoo.gate" type="StringPassword_0_32"/>
    </xsd:schema>`;

    it('PROF-15: an uploaded schema decides, families inherit, reset takes it back', async () => {
      const set = (value: string) => [{ name: 'ZOO.7.animals', value }];
      assert.match(
        (await failure(phonectl.profiles.add({ name: 'p', vendor: 'poly', set: set('4') }))).message,
        /no parameter/,
      );
      const uploaded = await phonectl.catalogs.upload({ source: bytes(schema), name: 'polycomConfig.xsd' });
      assert.deepEqual([uploaded.attributes, uploaded.parameters, uploaded.added], [3, 2, 2]);
      const [shown] = await phonectl.catalogs.show({ name: 'zoo.7.animals' });
      assert.deepEqual([shown?.type, shown?.min, shown?.max, shown?.default], ['integer', 3, 9, '4']);
      assert.match(
        (await failure(phonectl.profiles.add({ name: 'p', vendor: 'poly', set: set('10') }))).message,
        /from 3 to 9/,
      );
      await phonectl.profiles.add({
        name: 'p',
        vendor: 'poly',
        set: [...set('9'), { name: 'zoo.gate', value: 'sesame' }],
      });
      const { parameters } = await phonectl.profiles.show({ profile: 'p' });
      assert.deepEqual(
        parameters.map(({ name, secret }) => [name, secret]),
        [
          ['zoo.7.animals', false],
          ['zoo.gate', true],
        ],
      );
      await phonectl.catalogs.reset({ vendor: 'poly' });
      assert.equal((await failure(phonectl.catalogs.show({ name: 'zoo.7.animals' }))).code, 'not_found');
    });

    it('I-01: refuses document types, entities and what is no schema', async () => {
      for (const text of ['<!DOCTYPE x><xsd:schema/>', '<x/>', '<xsd:schema xmlns:xsd="x"/>', '<xsd:schema'])
        assert.equal(
          (await failure(phonectl.catalogs.upload({ source: bytes(text), name: 'x.xsd' }))).code,
          'invalid_file',
        );
    });

    it('acceptance 5: the schema of a real firmware; suggestions and ranges', async function () {
      const file = corpusFile('polycom-config', 'ucs__polycomConfig.xsd');
      if (file === undefined) this.skip();
      const { attributes } = await phonectl.catalogs.upload({ source: bytes(file), name: 'polycomConfig.xsd' });
      assert.equal(attributes, 17_978);
      await phonectl.profiles.add({ name: 'P', vendor: 'poly' });
      const set = (name: string, value: string) => phonectl.profiles.set({ profile: 'P', set: [{ name, value }] });
      const misspelt = await failure(set('call.transfer.blindPreferrd', '1'));
      assert.match(misspelt.hints[0] ?? '', /^Did you mean call\.transfer\.blindPreferred\b/);
      assert.match((await failure(set('acd.reg', '35'))).message, /a whole number from 1 to 34, not "35"/);
      await set('CALL.transfer.blindPreferred', '1');
    });

    it('VAL-17: a search takes two characters or more, and finds by words', async () => {
      assert.equal((await failure(Array.fromAsync(phonectl.catalogs.search({ text: 'a' })))).code, 'invalid_input');
      const found = await Array.fromAsync(phonectl.catalogs.search({ text: 'auto answer', vendor: 'poly' }));
      assert.ok(found.length > 0);
      for (const { name, description } of found) assert.match(`${name} ${description}`, /auto.*answer|answer.*auto/is);
      const byName = await Array.fromAsync(phonectl.catalogs.search({ text: 'autoAnswer sip' }));
      assert.equal(byName[0]?.name, 'call.autoAnswer.SIP');
    });
  });

  describe('real files', () => {
    /** No configurations, though they lie among them. */
    const OTHER =
      /directory|\.xsd$|\.ver$|\.txt$|snippets|SoftKeys|dialplan|AutoDST|all\.xml|44dbd2e4be98|CiscoIPPhone|\.yml$|\.tmpl$|spa-|template__XML/;

    for (const [folder, vendor] of [
      ['polycom-config', 'poly'],
      ['yealink-config', 'yealink'],
      ['cisco-config', 'cisco'],
    ] as const) {
      it(`acceptance 4: ${folder} imports, exports and imports again to the same parameters`, async function () {
        this.timeout(60_000);
        const names = corpusNames(folder).filter((name) => !OTHER.test(name));
        if (names.length === 0) this.skip();
        const driver = await driverOf(vendor);
        for (const name of names) {
          const file = corpusFile(folder, name)!;
          const wanted = parametersOf(driver.parse(name, file).parameters);
          if (wanted.length === 0) continue;
          const done = await phonectl.profiles.import({ source: bytes(file), name, profile: `${name} one`, vendor });
          const exported = await collect(
            phonectl.profiles.export({ profiles: [done.profile], form: 'file', reveal: true }),
          );
          const again = await phonectl.profiles.import({
            source: bytes(exported),
            name,
            profile: `${name} two`,
            vendor,
          });
          const shown = await phonectl.profiles.show({ profile: again.profile, reveal: true });
          assert.deepEqual(parametersOf(shown.parameters), wanted, name);
        }
      });
    }

    function parametersOf(parameters: readonly { readonly name: string; readonly value: string }[]): string[] {
      return parameters.map(({ name, value }) => `${name.toLowerCase()}=${value}`).sort();
    }
  });
});
