import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Advisory, findingsFor, loadAdvisories } from '../../src/sdk/firmware/advisories.ts';
import { inferImage, isNewer } from '../../src/sdk/firmware/infer.ts';
import { loadModels } from '../../src/vendors/models.ts';
import { makeHome, type TestHome } from '../support/home.ts';

async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('files that phones fetch', () => {
  let home: TestHome;

  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  function stored(hash: string): boolean {
    return existsSync(join(home.path, 'files', hash.slice(0, 2), hash));
  }

  describe('resources', () => {
    it('RES-01, RES-05, RES-08: keeps bytes by their content, and tells the type from the ending', async () => {
      const { resources } = home.phonectl;
      const added = await resources.add({ source: bytes('RIFF', 'data'), file: 'ring.wav', description: 'House' });
      assert.equal(added.type, 'audio');
      assert.equal(added.sha256, sha256('RIFFdata'));
      assert.equal(added.size, 8);
      assert.ok(stored(added.sha256));
      const back = Buffer.concat(await Array.fromAsync(resources.download({ resource: 'ring.wav' })));
      assert.equal(back.toString(), 'RIFFdata');
      await assert.rejects(resources.add({ source: bytes('x'), file: 'virus.exe' }), /no phone fetches/);
    });

    it('W-07: a name is never a path', async () => {
      for (const file of ['../../etc/passwd.txt', 'a/b.png', '.png', 'a..png', 'C:\\x.png', 'a\u202eb.png']) {
        await assert.rejects(
          home.phonectl.resources.add({ source: bytes('x'), file }),
          { code: 'invalid_input' },
          file,
        );
      }
    });

    it('RES-02, RES-04: is searched, edited, replaced, deleted; bytes that nobody needs are gone', async () => {
      const { resources } = home.phonectl;
      const first = await resources.add({ source: bytes('one'), file: 'logo.png', name: 'Logo' });
      await resources.add({ source: bytes('one'), file: 'same.png' });
      const edited = await resources.edit({ resource: 'logo', source: bytes('two'), description: 'for Berlin' });
      assert.equal(edited.version, 2);
      assert.ok(stored(first.sha256), 'the other resource has the same bytes');
      assert.deepEqual(
        (await Array.fromAsync(resources.list({ search: 'berlin' }))).map(({ name }) => name),
        ['Logo'],
      );
      await resources.delete({ resources: ['same.png'] });
      assert.ok(!stored(first.sha256));
      await assert.rejects(resources.show({ resource: 'Lgo' }), /There is no resource "Lgo"/);
    });

    it('refuses a name that is taken, and keeps nothing of what it refused', async () => {
      const { resources } = home.phonectl;
      await resources.add({ source: bytes('one'), file: 'logo.png' });
      await assert.rejects(resources.add({ source: bytes('two'), file: 'LOGO.png', name: 'x' }), { code: 'exists' });
      assert.ok(!stored(sha256('two')));
      await assert.rejects(resources.add({ source: bytes('123456'), file: 'a.png', maxSize: 5 }), {
        code: 'too_large',
      });
    });

    it('says when the bytes on the disk are not those that were put in', async () => {
      const { resources } = home.phonectl;
      const { sha256: hash } = await resources.add({ source: bytes('one'), file: 'logo.png' });
      writeFileSync(join(home.path, 'files', hash.slice(0, 2), hash), 'two');
      await assert.rejects(Array.fromAsync(resources.download({ resource: 'logo.png' })), { code: 'damaged' });
    });
  });

  describe('firmware', () => {
    it('FW-01, FW-04: tells vendor, version and models from the names that vendors give', async () => {
      const catalogue = await loadModels();
      const poly = inferImage('3111-48840-001.sip.ld', catalogue);
      assert.deepEqual(poly, { vendor: 'poly', models: ['VVX 450'] });
      const yealink = inferImage('T54W-96.86.0.75.rom', catalogue);
      assert.equal(yealink.release, '96.86.0.75');
      assert.ok(yealink.models.includes('T54W'));
      assert.ok(!yealink.models.includes('T46S'));
      const cisco = inferImage('sip88xx.12-0-7MPP0201-66.loads', catalogue);
      assert.equal(cisco.release, '12.0.7MPP0201-66');
      assert.ok(cisco.models.includes('8841') && !cisco.models.includes('7841'));
      assert.deepEqual(inferImage('something.bin', catalogue), { models: [] });
    });

    it('FW-11: comes with a read-only software profile, and stays while one gives it to phones', async () => {
      const { firmware, profiles } = home.phonectl;
      const added = await firmware.add({
        source: bytes(randomBytes(1000)),
        file: '3111-48840-001.sip.ld',
        version: '6.4.8.1234',
        name: 'VVX 6.4.8',
      });
      assert.equal(added.vendor, 'poly');
      assert.deepEqual(added.models, ['VVX 450']);
      assert.match(added.url, /\/firmware\/6\.4\.8\.1234\/3111-48840-001\.sip\.ld$/);
      const profile = await profiles.show({ profile: 'VVX 6.4.8' });
      assert.equal(profile.type, 'software');
      await assert.rejects(profiles.set({ profile: 'VVX 6.4.8', set: [{ name: 'a.b', value: '1' }] }), {
        code: 'protected',
      });
      await profiles.assign({ profile: 'VVX 6.4.8', target: { global: true } });
      await assert.rejects(firmware.delete({ firmware: ['VVX 6.4.8'] }), { code: 'in_use' });
      await profiles.unassign({ profile: 'VVX 6.4.8', target: { global: true } });
      await firmware.delete({ firmware: ['VVX 6.4.8'] });
      assert.ok(!stored(added.sha256));
      await assert.rejects(profiles.show({ profile: 'VVX 6.4.8' }), { code: 'not_found' });
    });

    it('refuses a file whose SHA-256 is not the one that was given, or whose version is not known', async () => {
      const { firmware } = home.phonectl;
      const input = { file: 'T54W-96.86.0.75.rom', sha256: sha256('other') };
      await assert.rejects(firmware.add({ source: bytes('image'), ...input }), { code: 'invalid_file' });
      assert.ok(!stored(sha256('image')));
      await assert.rejects(
        firmware.add({ source: bytes('image'), file: 'sip.ld' }),
        /version of sip\.ld cannot be told/,
      );
    });

    it('FW-11: keeps nothing of an image whose software profile cannot be made', async () => {
      const { firmware, profiles } = home.phonectl;
      await profiles.add({ name: 'taken', vendor: 'yealink' });
      const input = { file: 'T54W-96.86.0.75.rom', name: 'taken' };
      await assert.rejects(firmware.add({ source: bytes('image'), ...input }), { code: 'exists' });
      assert.deepEqual(await Array.fromAsync(firmware.list({})), []);
      assert.ok(!stored(sha256('image')));
    });

    it('LIC-07: a Group Series image takes a licence file, which a new one replaces', async () => {
      const { firmware } = home.phonectl;
      await firmware.add({
        source: bytes('image'),
        file: 'group.tar',
        vendor: 'poly',
        version: '6.2.2',
        name: 'Group',
        family: 'group-series',
      });
      await firmware.license({ firmware: 'Group', source: bytes('key 1'), file: 'license.txt' });
      const second = await firmware.license({ firmware: 'Group', source: bytes('key 2'), file: 'license.txt' });
      assert.equal(second.license, 'license.txt');
      assert.ok(!stored(sha256('key 1')));
      const text = Buffer.concat(await Array.fromAsync(firmware.download({ firmware: 'Group', license: true })));
      assert.equal(text.toString(), 'key 2');
    });

    it('P-06: verify reads every image', async () => {
      const { firmware } = home.phonectl;
      const { sha256: hash } = await firmware.add({ source: bytes('image'), file: 'T54W-96.86.0.75.rom' });
      assert.deepEqual(
        (await Array.fromAsync(firmware.verify({}))).map(({ result }) => result),
        ['ok'],
      );
      writeFileSync(join(home.path, 'files', hash.slice(0, 2), hash), 'evil!');
      assert.deepEqual(
        (await Array.fromAsync(firmware.verify({}))).map(({ result }) => result),
        ['changed'],
      );
    });

    it('compares releases as each vendor counts them', () => {
      assert.equal(isNewer('6.4.8', '6.4.6.2453', 'poly'), true);
      assert.equal(isNewer('6.4.8', '6.4.8.0', 'poly'), false);
      assert.equal(isNewer('96.86.0.75', '96.86.0.20', 'yealink'), true);
      assert.equal(isNewer('96.86.0.75', '66.86.0.20', 'yealink'), undefined);
      assert.equal(isNewer('12.0.7', 'unreadable', 'cisco'), undefined);
    });
  });

  describe('firmware audit (F-31)', () => {
    it('P-01, P-02, P-05: finds every version below the fixed one, on every branch, and none above', async () => {
      const catalogue = await loadModels();
      const table = await loadAdvisories({ path: home.path, file: (...parts) => join(home.path, ...parts) });
      const cases: readonly [model: string, advisory: string, verdicts: Readonly<Record<string, string>>][] = [
        [
          'VVX 450',
          'CVE-2026-0826',
          {
            '5.9.8.5760': 'vulnerable',
            '6.4.7.9999': 'vulnerable',
            '6.4.8': 'fixed',
            '6.4.8.1': 'fixed',
            '6.4.10.0': 'fixed',
            '7.0.0': 'fixed',
          },
        ],
        ['Trio 8300', 'CVE-2026-0826', { '7.2.9': 'vulnerable', '8.1.6.1': 'vulnerable', '8.1.7': 'fixed' }],
        ['Trio 8800', 'CVE-2026-0826', { '7.2.7.9': 'vulnerable', '7.2.8.1122': 'fixed' }],
        ['CCX 600', 'SYSS-2024-004', { '7.2.7.0193': 'vulnerable', '8.0.2.2366': 'vulnerable', '8.0.2.2367': 'fixed' }],
        ['VVX 450', 'CVE-2019-12948', { '5.9.8.5760': 'unknown', '6.4.8': 'not-affected' }],
        [
          '8841',
          'CVE-2023-20078',
          {
            '11.3.7': 'vulnerable',
            '11-3-6MPP0001-1': 'vulnerable',
            '11.3.7SR1': 'fixed',
            '12.0.7MPP0201-66': 'fixed',
          },
        ],
        ['8841', 'CVE-2024-20376', { '12.0.7MPP0201-66': 'unknown' }],
      ];
      for (const [name, id, verdicts] of cases) {
        const model = catalogue.find(name);
        assert.ok(model, name);
        const verdictOf = (firmware: string | null): string | undefined =>
          findingsFor(table, model, firmware).find(({ advisory }) => advisory.id === id)?.verdict;
        for (const [firmware, expected] of Object.entries(verdicts)) {
          assert.equal(verdictOf(firmware), expected, `${name} ${firmware} ${id}`);
        }
        assert.equal(verdictOf(null), 'unknown');
        assert.equal(verdictOf('no version'), 'unknown');
      }
      const yealink = catalogue.find('T54W');
      assert.ok(yealink);
      assert.deepEqual(findingsFor(table, yealink, '96.86.0.75'), []);
    });

    it('a branch of its own can be fixed on its own', async () => {
      const model = (await loadModels()).find('VVX 450');
      assert.ok(model);
      const advisory: Advisory = {
        id: 'X-1',
        severity: 'low',
        vendor: 'poly',
        title: 'Made up',
        affects: [{ families: ['VVX'], fixed: { '5': '5.9.9', '*': '6.4.8' } }],
      };
      const verdict = (firmware: string): string | undefined =>
        findingsFor({ checked: '2026-01-01', advisories: [advisory] }, model, firmware)[0]?.verdict;
      assert.deepEqual(['5.9.8', '5.9.9', '6.4.7', '6.4.8'].map(verdict), [
        'vulnerable',
        'fixed',
        'vulnerable',
        'fixed',
      ]);
    });

    it("the home's own table adds and replaces; a broken one is refused", async () => {
      const { devices, firmware } = home.phonectl;
      await devices.add({ devices: [{ mac: '64167f000001', model: 'VVX 450', name: 'a' }] });
      const audit = async (): Promise<readonly string[]> =>
        (await Array.fromAsync(firmware.audit({ selector: {} }))).map(
          ({ advisory, verdict }) => `${advisory} ${verdict}`,
        );
      assert.ok((await audit()).includes('CVE-2026-0826 unknown'));
      const own = join(home.path, 'advisories.yaml');
      writeFileSync(
        own,
        'checked: 2027-01-01\nadvisories:\n  - {id: CVE-2026-0826, severity: low, vendor: poly, title: t, affects: []}\n' +
          '  - {id: OWN-1, severity: low, vendor: poly, title: t, affects: [{families: [VVX]}]}\n',
      );
      const after = await audit();
      assert.ok(after.includes('OWN-1 unknown'));
      assert.ok(!after.some((line) => line.startsWith('CVE-2026-0826')));
      writeFileSync(own, 'advisories: nonsense\n');
      await assert.rejects(audit(), { code: 'invalid_data' });
    });
  });
});
