/** Real files and User-Agents, where the folder of them is at hand: everything valid imports, renders and re-parses. */
import assert from 'node:assert/strict';
import { resolve } from '../../src/domain/effective.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { RenderDevice, Vendor } from '../../src/vendors/driver.ts';
import { allDrivers, bestOf, driverOf } from '../../src/vendors/registry.ts';
import { corpusFile, corpusNames, DEVICES, fits } from './fixtures.ts';

/** What is no configuration of that vendor, or is not valid, and what is said about it. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'polycom-config/adriacunanan06__sip.ver': /line 1, column 1: text stands outside of the elements/,
  'polycom-config/jcostom__tftpboot_excerpt.txt': /text stands outside of the elements/,
  'polycom-config/ucs__polycomConfig.xsd': /is no configuration/,
  'polycom-config/wolrah__000000000000-directory~.xml': /<directory> is no configuration/,
  'yealink-config/quentin_1ddfa39__44dbd2e4be98.cfg': /this is XML/,
  'yealink-config/v85.5_template__XML_AutoDST_AutoDST.xml': /this is XML/,
  'cisco-config/cisco_docs_mpp_snippets.xml': /line 10, column 41: '=' is missing/,
  'cisco-config/wazo_wazo_cisco_sip_common_dialplan.xml': /is no <flat-profile>/,
};

const FOLDERS: readonly [string, Vendor, RegExp, RenderDevice][] = [
  ['polycom-config', 'poly', /\.(?:cfg|txt|ver|xsd)$|directory~/, DEVICES['poly-vvx']!],
  ['yealink-config', 'yealink', /\.(?:cfg|boot)$|AutoDST/, DEVICES['yealink-t5']!],
  ['cisco-config', 'cisco', /mpp__|snippets|spa-|cp-phone|tmpl|dialplan/, DEVICES['cisco-8800']!],
];

describe('real configuration files', () => {
  for (const [folder, vendor, wanted, device] of FOLDERS) {
    it(`${folder}: import, render and re-parse to the same parameters`, async function () {
      const names = corpusNames(folder).filter((name) => wanted.test(name));
      if (names.length === 0) this.skip();
      const driver = await driverOf(vendor);
      let read = 0;
      const refused: string[] = [];
      for (const name of names) {
        const file = corpusFile(folder, name);
        assert.ok(file !== undefined);
        let parsed: ReturnType<typeof driver.parse>;
        try {
          parsed = driver.parse(name, file);
        } catch (error) {
          assert.ok(isPhonectlError(error) && error.code === 'invalid_file', `${name}: ${String(error)}`);
          assert.match(error.message, REFUSED[`${folder}/${name}`] ?? /^$/, `${name} should be read: ${error.message}`);
          refused.push(`${folder}/${name}`);
          continue;
        }
        const effective = resolve([{ layer: 'device', source: name, parameters: parsed.parameters }]);
        const again = driver.render(device, effective).flatMap(({ name: file, body }) => {
          const isIndex =
            vendor === 'poly' && file === `${device.mac}.cfg` && !/<APPLICATION/.test(String(corpusFile(folder, name)));
          return isIndex || file.endsWith('.boot') ? [] : driver.parse(file, body).parameters;
        });
        const values = new Map(again.map((parameter) => [parameter.name, parameter.value]));
        for (const parameter of parsed.parameters) {
          if (parameter.name.startsWith('CONFIG_FILES') || parameter.name === 'overwrite_mode') continue;
          assert.equal(values.get(parameter.name), parameter.value, `${name}: ${parameter.name}`);
        }
        read += parsed.parameters.length;
      }
      assert.deepEqual(
        refused,
        Object.keys(REFUSED).filter((name) => name.startsWith(folder)),
      );
      assert.ok(read > 250, `${read} parameters`);
    });
  }
});

describe('real values', () => {
  for (const [folder, vendor, wanted] of FOLDERS) {
    it(`${folder}: are none that the catalogue would refuse, but for booleans in lower case and a template's variable`, async function () {
      const names = corpusNames(folder).filter(
        (name) => wanted.test(name) && REFUSED[`${folder}/${name}`] === undefined,
      );
      if (names.length === 0) this.skip();
      const driver = await driverOf(vendor);
      let known = 0;
      for (const name of names) {
        for (const parameter of driver.parse(name, corpusFile(folder, name) ?? new Uint8Array()).parameters) {
          const entry = driver.catalogue.find(parameter.name);
          if (entry === undefined || /^(?:yes|no|\{\$.*)$/.test(parameter.value)) continue;
          known += 1;
          assert.ok(fits(entry, parameter.value), `${name}: ${parameter.name} = ${parameter.value}`);
        }
      }
      assert.ok(known > 200, `${known} known parameters`);
    });
  }
});

describe('real User-Agents', () => {
  it('identifies vendor, model, firmware and MAC of everything in the collection', async function () {
    const table = corpusFile('user-agents', 'user-agents.tsv');
    if (table === undefined) this.skip();
    const drivers = await allDrivers();
    let seen = 0;
    for (const row of table.toString('utf8').trim().split('\n').slice(1)) {
      const [vendor = '', model = '', firmware = '', mac = '', use = '', userAgent = ''] = row.split('\t');
      const found = bestOf(drivers, { method: 'GET', path: '/', userAgent });
      if (use === 'negative') {
        assert.equal(found, undefined, userAgent);
        continue;
      }
      seen += 1;
      assert.equal(found?.vendor, vendor === 'polycom' ? 'poly' : vendor, userAgent);
      assert.equal(found?.mac ?? '', mac, userAgent);
      if (found?.firmware !== undefined) assert.equal(found.firmware, firmware, userAgent);
      const driver = drivers.find((candidate) => candidate.vendor === found?.vendor);
      assert.ok(driver !== undefined);
      // Small-business and enterprise phones of Cisco are recognised as such, not as models.
      if (!/^(?:SPA|79)/.test(model)) {
        assert.ok(found?.model !== undefined, userAgent);
        const digits = model.replace(/-3PCC$/, '').replace(/\D+/g, '');
        assert.ok(found.model.replace(/\D+/g, '').includes(digits), `${userAgent}: ${found.model}`);
      }
    }
    assert.ok(seen > 60);
  });

  it('I-06, I-07: takes no harm from malformed ones', async () => {
    const drivers = await allDrivers();
    for (const userAgent of [
      'Yealink SIP-T54W',
      'Yealink  ',
      'FileTransport Polycom',
      'Cisco-CP-',
      'Cisco-CP-8841-3PCC/',
      '\u001b[31mYealink SIP-T54W 1.2.3.4\r\nX: y',
    ])
      assert.doesNotThrow(() => bestOf(drivers, { method: 'GET', path: '/', userAgent }));
  });
});

describe('recorded request sequences', () => {
  it('name one phone each, and files() of that phone holds what it asked for', async function () {
    const session = corpusFile('access-logs', 'yealink_t54w_http_session.txt');
    const table = corpusFile('access-logs', 'polycom_vvx500_observed_requests.tsv');
    if (session === undefined || table === undefined) this.skip();
    const poly = await driverOf('poly');
    const vvx: RenderDevice = { ...DEVICES['poly-vvx']!, mac: '0004f282e824', model: 'VVX 500' };
    const names = new Set(poly.files(vvx).map(({ name }) => name));
    for (const row of table.toString('utf8').trim().split('\n').slice(1)) {
      const [method = '', uri = '', userAgent = ''] = row.split('\t');
      const found = poly.identify({ method, path: uri, userAgent });
      assert.equal(found?.model, 'VVX 500');
      assert.equal(found?.firmware, userAgent.includes('Type/Application') ? '5.9.7.4477' : undefined);
      if (/\.ld$/.test(uri)) continue;
      assert.ok(names.has(uri.slice(1)), uri);
      if (!uri.startsWith('/000000000000')) assert.equal(poly.macInPath(uri), vvx.mac, uri);
      assert.equal(poly.bootEvidence({ method, path: uri, userAgent, query: '' }), uri.endsWith('-boot.log'));
    }
    const yealink = await driverOf('yealink');
    for (const [, path = ''] of session.toString('utf8').matchAll(/^GET (\S+) HTTP/gm)) {
      const found = yealink.identify({
        method: 'GET',
        path,
        userAgent: 'Yealink SIP-T54W 96.86.0.75 44:db:d2:e4:be:98',
      });
      assert.deepEqual(found, {
        vendor: 'yealink',
        score: 90,
        mac: '44dbd2e4be98',
        model: 'T54W',
        firmware: '96.86.0.75',
      });
    }
  });
});
