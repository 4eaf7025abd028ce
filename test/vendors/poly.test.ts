import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolve } from '../../src/domain/effective.ts';
import { isPhonectlError, PhonectlError } from '../../src/sdk/errors.ts';
import type { Driver } from '../../src/vendors/driver.ts';
import { loadCatalogue } from '../../src/vendors/knowledge.ts';
import { createActions } from '../../src/vendors/poly/actions.ts';
import { batches } from '../../src/vendors/poly/set.ts';
import { driverOf, loadModels } from '../../src/vendors/registry.ts';
import {
  bytes,
  CONTEXT,
  corpusFile,
  DEVICES,
  effectiveOf,
  fakeTransport,
  LINE,
  parsedBack,
  targetOf,
  textOf,
} from './fixtures.ts';

const VVX = DEVICES['poly-vvx']!;
const SOUNDPOINT = DEVICES['poly-soundpoint']!;
const run = { signal: new AbortController().signal };

describe('Poly', () => {
  let driver: Driver;
  let actions: Driver['actions'];

  before(async () => {
    driver = await driverOf('poly');
    actions = createActions({ models: await loadModels(), catalogue: await loadCatalogue('poly') }, { busyPause: 1 });
  });

  describe('files', () => {
    it('C.2: the master names one parameter file, before those of a profile (PROF-23)', () => {
      const effective = effectiveOf(driver, VVX, [
        { name: 'CONFIG_FILES', value: 'site.cfg, [PHONE_MAC_ADDRESS]-extra.cfg' },
        { name: 'LOG_FILE_DIRECTORY', value: 'https://logs.example.net/$' + '{mac_address}/' },
        { name: 'COREFILE_DIRECTORY', value: 'core' },
        { name: '_mac_cfg_note', value: 'a & b' },
        { name: 'APP_FILE_PATH_VVX500', value: 'old/sip.ld' },
      ]);
      const master = textOf(driver.render(VVX, effective).find(({ name }) => name === '0004f2abcdef.cfg'));
      assert.match(master, /CONFIG_FILES="0004f2abcdef-phonectl\.cfg, site\.cfg, \[PHONE_MAC_ADDRESS\]-extra\.cfg"/);
      assert.match(master, /LOG_FILE_DIRECTORY="https:\/\/logs\.example\.net\/0004f2abcdef\/"/, 'PROF-26');
      assert.match(master, /COREFILE_DIRECTORY="core"/, 'PROF-24');
      assert.match(master, /_mac_cfg_note="a &amp; b"/, 'PROF-27');
      assert.match(master, /<APPLICATION_VVX500 APP_FILE_PATH_VVX500="old\/sip\.ld" \/>/);
      const { references } = driver.parse('0004f2abcdef.cfg', bytes(master));
      assert.deepEqual(references, ['0004f2abcdef-phonectl.cfg', 'site.cfg', '[PHONE_MAC_ADDRESS]-extra.cfg']);
    });

    it('C.2: refuses longer lists than phones take', () => {
      const effective = effectiveOf(driver, VVX, [{ name: 'CONFIG_FILES', value: 'x.cfg,'.repeat(400) }]);
      assert.throws(() => driver.render(VVX, effective), /CONFIG_FILES is \d+ characters long/);
    });

    it('C.1: device parameters get their switches, unless one is set by hand', () => {
      const effective = resolve([
        {
          layer: 'device',
          source: 'test',
          parameters: [
            { name: 'device.net.vlanId', value: '20' },
            { name: 'device.net.lldpEnabled', value: '1' },
            { name: 'device.net.lldpEnabled.set', value: '0' },
          ],
        },
      ]);
      const text = textOf(driver.render(VVX, effective)[1]);
      assert.match(text, /device\.set="1"\s+device\.net\.vlanId\.set="1"\s+device\.net\.vlanId="20"/);
      assert.match(text, /device\.net\.lldpEnabled\.set="0"/);
      assert.doesNotMatch(text, /lldpEnabled\.set="1"/);
    });

    it('names the files of a device without MAC after its serial number (MODEL-17)', () => {
      const studio = { vendor: 'poly', model: 'Studio', serial: '8L1234ABCD', name: 'bar', lines: [] } as const;
      assert.equal(driver.render(studio, resolve([]))[0]?.name, '8l1234abcd.cfg');
      assert.throws(() => driver.render({ ...studio, serial: '../etc' }, resolve([])), /no MAC and no serial/);
    });

    it('reads whatever elements people invent, keeps the first of two values, and says what it left out', () => {
      const text =
        '\ufeff<?xml version="1.0"?>\r\n<polycomConfig xmlns:xsi="x" xsi:y="z">\r\n <reg reg.1.address="1001" reg.1.auth.password="p"><deep reg.1.address="9"/></reg>\r\n <x device.set="1" device.net.vlanId.set="1" device.net.vlanId="7" />\r\n</polycomConfig>';
      const parsed = driver.parse('x.cfg', bytes(text));
      assert.deepEqual(
        parsed.parameters.map(({ name, value, secret }) => [name, value, secret === true]),
        [
          ['reg.1.address', '1001', false],
          ['reg.1.auth.password', 'p', true],
          ['device.net.vlanId', '7', false],
        ],
      );
      assert.deepEqual([parsed.parameters[0]?.line, parsed.parameters[0]?.column], [3, 7]);
      assert.match(parsed.warnings[0]?.message ?? '', /reg\.1\.address stands in line 3 already/);
    });
  });

  describe('layers', () => {
    it('PROV-04: REST and an own admin password where there is REST, polling where there is none (MODEL-14)', () => {
      const vvx = effectiveOf(driver, VVX);
      assert.equal(vvx.get('apps.restapi.enabled')?.value, '1');
      assert.equal(vvx.get('device.auth.localAdminPassword')?.value, CONTEXT.adminPassword);
      // DEV-45: texts come by push on phones with REST, too.
      assert.equal(vvx.get('apps.push.password')?.value, CONTEXT.adminPassword);
      assert.equal(vvx.get('apps.statePolling.password'), undefined);
      const soundpoint = effectiveOf(driver, SOUNDPOINT);
      assert.equal(soundpoint.get('apps.restapi.enabled'), undefined);
      assert.equal(soundpoint.get('apps.push.password')?.value, CONTEXT.adminPassword);
      assert.equal(effectiveOf(driver, { ...VVX, firmware: '5.3.0.12768' }).get('apps.restapi.enabled'), undefined);
    });

    it('NET-14: takes the phone off what DHCP says', () => {
      assert.equal(effectiveOf(driver, VVX).get('device.dhcp.bootSrvUseOpt')?.value, '2');
      assert.equal(effectiveOf(driver, VVX).get('device.prov.serverType')?.value, '3');
      const plain = effectiveOf(driver, VVX, [], { ...CONTEXT, serverUrl: 'http://10.0.0.1/p/' });
      assert.equal(plain.get('device.prov.serverType')?.value, '2');
      assert.equal(plain.get('device.prov.serverName')?.value, 'http://10.0.0.1/p');
    });

    it('PROV-17: carries our CA in one line', () => {
      const value = effectiveOf(driver, VVX).get('device.sec.TLS.customCaCert1')?.value ?? '';
      assert.equal(value, '-----BEGIN CERTIFICATE----- MIIBszCCAVmgAwIBAgIU AAECAwQ= -----END CERTIFICATE-----');
      const { caCertificate: _, ...without } = CONTEXT;
      assert.equal(effectiveOf(driver, VVX, [], without).get('device.sec.TLS.customCaCert1'), undefined);
    });

    it('D.4: transports of lines', () => {
      for (const [transport, code] of [
        ['udp', 'UDPOnly'],
        ['tcp', 'TCPOnly'],
        ['tls', 'TLS'],
        ['dns', 'DNSnaptr'],
        [undefined, undefined],
      ] as const) {
        const { transport: _, ...rest } = LINE;
        const line = transport === undefined ? rest : { ...rest, transport };
        const effective = effectiveOf(driver, { ...VVX, lines: [line] });
        assert.equal(effective.get('reg.1.server.1.transport')?.value, code);
      }
    });

    it('PROF-29: a higher layer beats base and accounts in the file', () => {
      const values = parsedBack(
        driver,
        driver.render(VVX, effectiveOf(driver, VVX, [{ name: 'reg.1.label', value: 'Mine' }])),
      );
      assert.equal(values.get('reg.1.label'), 'Mine');
    });
  });

  describe('identification', () => {
    it('C.6: the Updater’s version is not the firmware’s', () => {
      const of = (userAgent: string): string | undefined =>
        driver.identify({ method: 'GET', path: '/x', userAgent })?.firmware;
      assert.equal(of('FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater'), undefined);
      assert.equal(of('FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application'), '5.9.7.4477');
      assert.equal(of('FileTransport PolycomSoundPointIP-SPIP_335-UA/4.3.1.0440'), undefined);
      assert.equal(of('PolyEdge-Edge_E350-UA/8.6.0.1321'), '8.6.0.1321');
    });

    it('C.4: MAC in the path, in every case and with every separator', () => {
      for (const path of [
        '/0004F2ABCDEF-phone.cfg',
        '/a/b/0004f2abcdef-Web.cfg',
        '/00:04:f2:ab:cd:ef.cfg',
        '/00-04-F2-AB-CD-EF-app.log',
        '/0004f2abcdef-now-app.log',
      ])
        assert.equal(driver.macInPath(path), '0004f2abcdef', path);
      for (const path of ['/000000000000.cfg', '/0004f2abcdef', '/0004f2abcdef.exe', '/x0004f2abcdef.cfg', '/sip.ld'])
        assert.equal(driver.macInPath(path), undefined, path);
    });

    it('C.9: a Polycom certificate names its phone and beats what the path says', () => {
      const request = {
        method: 'GET',
        path: '/64167f000001.cfg',
        userAgent: 'FileTransport PolycomVVX-VVX_450-UA/6.4.0.1 (SN:64167f000001)',
        certificateSubject: 'CN=0004F2ABCDEF,O=Polycom Inc.',
      };
      assert.deepEqual(driver.identify(request), { vendor: 'poly', score: 100, mac: '0004f2abcdef', model: 'VVX 450' });
      assert.equal(driver.identify({ ...request, certificateSubject: 'CN=0004F2ABCDEF,O=Evil' })?.mac, '64167f000001');
    });
  });

  describe('events', () => {
    const request = { method: 'POST', path: '/e', userAgent: '', query: '' };
    const of = (xml: string): ReturnType<Driver['events']> => driver.events({ ...request, body: bytes(xml) });

    it('B.3: registration, with or without the outer element', () => {
      const inner =
        '<LineRegistrationEvent><PhoneIP>192.0.2.10</PhoneIP><MACAddress>0004f2abcdef</MACAddress><LineNumber>1001</LineNumber></LineRegistrationEvent>';
      const expected = {
        kind: 'registered',
        mac: '0004f2abcdef',
        user: '1001',
        address: '192.0.2.10',
        detail: { event: 'LineRegistrationEvent' },
      };
      assert.deepEqual(of(`<PolycomIPPhone>${inner}</PolycomIPPhone>`), [expected]);
      assert.deepEqual(of(inner), [expected]);
      assert.equal(of(inner.replaceAll('LineRegistration', 'LineUnregistration'))[0]?.kind, 'unregistered');
    });

    it('B.3: a call that is over leaves the phone idle', () => {
      assert.equal(
        of('<PolycomIPPhone><CallStateChangeEvent CallState="Connected"/></PolycomIPPhone>')[0]?.kind,
        'call',
      );
      assert.equal(
        of('<PolycomIPPhone><CallStateChangeEvent CallState="Disconnected"/></PolycomIPPhone>')[0]?.kind,
        'idle',
      );
      assert.equal(of('<PolycomIPPhone><OnHookEvent/></PolycomIPPhone>')[0]?.kind, 'idle');
    });

    it('takes nothing from what is none', () => {
      for (const body of [
        '',
        'x',
        '<html/>',
        '<!DOCTYPE a><PolycomIPPhone/>',
        `<PolycomIPPhone>${' '.repeat(70_000)}</PolycomIPPhone>`,
      ])
        assert.deepEqual(of(body), []);
    });
  });

  describe('actions', () => {
    const ok = { status: 200, body: '{"Status":"2000"}' };
    const target = targetOf(VVX, { admin: { username: 'Polycom', password: 'pw' } });

    it('reboots by REST when the phone is idle', async () => {
      const phone = fakeTransport(({ url }) =>
        url.endsWith('callStatus') ? { status: 200, body: '{"Status":"4007"}' } : ok,
      );
      assert.deepEqual(await actions.reboot.run(target, undefined, phone, run), { outcome: 'accepted', via: 'rest' });
      assert.deepEqual(
        phone.requests.map(({ method, url }) => `${method} ${url}`),
        ['GET https://192.0.2.50/api/v1/webCallControl/callStatus', 'POST https://192.0.2.50/api/v1/mgmt/safeReboot'],
      );
      assert.deepEqual(phone.requests[1]?.auth, target.admin);
      assert.equal(phone.requests[1]?.pinnedMac, '0004f2abcdef');
      assert.equal(phone.requests[1]?.headers?.['content-type'], 'application/json');
    });

    it('leaves a phone in a call alone; with force the web page reboots it at once', async () => {
      const phone = fakeTransport(({ url }) =>
        url.endsWith('callStatus') ? { status: 200, body: '{"data":{"CallState":"Connected"},"Status":2000}' } : ok,
      );
      assert.deepEqual(await actions.reboot.run(target, undefined, phone, run), {
        outcome: 'busy',
        reason: 'the phone is in a call',
      });
      assert.ok(!phone.requests.some(({ url }) => url.endsWith('safeReboot')));
      assert.deepEqual(await actions.reboot.run(target, undefined, phone, { ...run, force: true }), {
        outcome: 'accepted',
        via: 'web',
      });
      assert.equal(phone.requests.at(-1)?.url, 'https://192.0.2.50/form-submit/Reboot');
    });

    it('C.7: never takes SIP for a way to reboot', async () => {
      const phone = fakeTransport(() => ok);
      assert.equal(
        (await actions.reboot.run(target, undefined, phone, { ...run, via: 'sip' })).outcome,
        'not-applicable',
      );
      assert.deepEqual(phone.notifies, []);
    });

    it('A.2, A.3: tells busy, wrong password, default password and no REST apart', async () => {
      const cases: [number, string, string, RegExp][] = [
        [200, '{"Status":"4001"}', 'busy', /busy/],
        [200, '{"Status":"4010"}', 'refused', /default password/],
        [200, '{"Status":4003}', 'refused', /does not allow/],
        [200, '{"Status":"4004"}', 'refused', /./],
        [200, '<html>', 'refused', /not what its REST API/],
        [401, '', 'refused', /admin password/],
        [403, '', 'refused', /another request is in progress, or the password is wrong/],
        [404, '', 'refused', /no REST API/],
        [500, '', 'refused', /HTTP 500/],
      ];
      for (const [status, body, outcome, reason] of cases.filter(([, text]) => !text.includes('4004'))) {
        const phone = fakeTransport(({ url }) =>
          url.endsWith('callStatus') ? { status: 200, body: '{"Status":"4007"}' } : { status, body },
        );
        const result = await actions.reboot.run(target, undefined, phone, run);
        assert.equal(result.outcome, outcome, `${status} ${body}`);
        assert.match('reason' in result ? result.reason : '', reason);
        assert.equal(phone.requests.length, status === 403 ? 4 : 2, 'only a 403 is asked again');
      }
    });

    it('A.3: the web page is asked again after a 403 as well, and not for ever', async () => {
      let answers = 0;
      const busy = fakeTransport(() => (++answers < 3 ? { status: 403 } : { status: 200, body: 'x' }));
      await actions.readings.screen.read(targetOf(VVX), { enable: false }, busy, run.signal);
      assert.equal(answers, 3);
      const refusing = fakeTransport(() => ({ status: 403 }));
      const configuration = actions.readings.configuration.read(targetOf(VVX), { part: 'all' }, refusing, run.signal);
      await assert.rejects(configuration, /another request is in progress, or the password is wrong/);
    });

    it('REST-04, A.5: parameters go in batches of twenty at most, each with the switches that it needs', () => {
      const name = fc.oneof(fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}$/), fc.stringMatching(/^device\.x[a-z]{1,8}$/));
      fc.assert(
        fc.property(fc.uniqueArray(name, { maxLength: 90 }), (names) => {
          const found = batches(names.map((each) => [each, '1']));
          const sent = found.flatMap((batch) => batch.map(([each]) => each)).filter((each) => names.includes(each));
          assert.deepEqual(sent, names);
          for (const batch of found) {
            const keys = batch.map(([each]) => each);
            assert.ok(keys.length > 0 && keys.length <= 20);
            assert.equal(new Set(keys).size, keys.length);
            for (const each of keys.filter((key) => /^device\.(?!set$|.*\.set$)/.test(key))) {
              assert.ok(keys.includes(`${each}.set`) && keys.includes('device.set'), each);
            }
          }
        }),
      );
    });

    it('A.3: a 403 that was only a busy phone is no failure', async () => {
      let answers = 0;
      const phone = fakeTransport(({ url }) =>
        url.endsWith('callStatus') ? { status: 200, body: '{"Status":"4007"}' } : ++answers < 3 ? { status: 403 } : ok,
      );
      assert.equal((await actions.reboot.run(target, undefined, phone, run)).outcome, 'accepted');
    });

    it('tells unreachable phones and foreign certificates; faults of ours pass', async () => {
      for (const [code, outcome] of [
        ['unreachable', 'unreachable'],
        ['timeout', 'unreachable'],
        ['certificate', 'refused'],
      ] as const) {
        const phone = fakeTransport(() => new PhonectlError(code, 'why'));
        assert.equal((await actions.reboot.run(target, undefined, phone, run)).outcome, outcome);
      }
      await assert.rejects(
        actions.reboot.run(
          target,
          undefined,
          fakeTransport(() => new TypeError('bug')),
          run,
        ),
        TypeError,
      );
      const { controlUrl: _, ...away } = target;
      assert.equal(
        (
          await actions.reboot.run(
            away,
            undefined,
            fakeTransport(() => ok),
            run,
          )
        ).outcome,
        'unreachable',
      );
    });

    it('MODEL-14: knows beforehand what cannot be done', () => {
      assert.match(actions.reboot.notApplicable(SOUNDPOINT) ?? '', /SoundPoint IP 550: it has no REST API/);
      assert.equal(actions.reboot.notApplicable(VVX), undefined);
      assert.match(actions.checkSync.notApplicable({ ...VVX, model: 'Studio' }) ?? '', /check-sync/);
    });

    it('checkSync: REST, else push where there is no REST, else SIP', async () => {
      assert.deepEqual(
        await actions.checkSync.run(
          target,
          undefined,
          fakeTransport(() => ok),
          run,
        ),
        { outcome: 'accepted', via: 'rest' },
      );
      const old = fakeTransport(() => ok);
      const result = await actions.checkSync.run({ ...target, ...SOUNDPOINT }, undefined, old, run);
      assert.deepEqual(result, { outcome: 'accepted', via: 'push' });
      assert.match(String(old.requests[0]?.body), /Action:UpdateConfig/);
      const { controlUrl: _, ...nat } = target;
      const sip = fakeTransport(() => ok);
      assert.equal((await actions.checkSync.run(nat, undefined, sip, run)).outcome, 'accepted');
      assert.deepEqual(
        sip.notifies.map(({ host, port, user, domain, event }) => ({ host, port, user, domain, event })),
        [{ host: '192.0.2.50', port: 5060, user: '1001', domain: 'sip1.example.net', event: 'check-sync' }],
      );
    });

    it('A.4: reads status of v1, of the v2 shape, and of real captures', async function () {
      const answers = (info: string, lines: string) =>
        fakeTransport(({ url }) => ({
          status: 200,
          body: url.endsWith('device/info') ? info : url.endsWith('lineInfo') ? lines : '{"Status":"4007"}',
        }));
      const v2 = await actions.status.read(
        target,
        answers(
          '{"data":{"ModelNumber":"VVX 450","Firmware":{"Application":"5.9.3.2857 02-Jul-19 06:14"},"UpTime":{"Days":"1","Hours":"2","Minutes":"3","Seconds":"4"},"MacAddress":"64167FABCDEF"},"Status":2000}',
          '{"data":{"LineNumber":"1","RegistrationStatus":"registered","UserID":"1001","ProxyAddress":"sip"},"Status":"2000"}',
        ),
        run.signal,
      );
      assert.deepEqual(v2, {
        model: 'VVX 450',
        firmware: '5.9.3.2857',
        mac: '64167fabcdef',
        uptimeSeconds: 93_784,
        inCall: false,
        lines: [{ line: 1, user: '1001', state: 'registered', server: 'sip' }],
      });
      const info = corpusFile('rest-and-push', 'poly_phoneclient__deskie_device_info.json');
      const lines = corpusFile('rest-and-push', 'poly_phoneclient__deskie_line_info.json');
      if (info === undefined || lines === undefined) this.skip();
      const real = await actions.status.read(target, answers(String(info), String(lines)), run.signal);
      assert.deepEqual(
        [real.model, real.firmware, real.mac, real.uptimeSeconds, real.lines?.[0]?.state],
        ['Edge E350', '8.6.0.1321', '482567139733', 8760, 'unregistered'],
      );
    });

    it('says why a status cannot be read', async () => {
      await assert.rejects(
        actions.status.read(
          target,
          fakeTransport(() => ({ status: 401 })),
          run.signal,
        ),
        (error) => isPhonectlError(error) && /admin password/.test(error.message),
      );
    });
  });
});
