import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { resolve } from '../../src/domain/effective.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { Driver } from '../../src/vendors/driver.ts';
import { driverOf } from '../../src/vendors/registry.ts';
import { bytes, CONTEXT, DEVICES, effectiveOf, fakeTransport, LINE, parsedBack, targetOf, textOf } from './fixtures.ts';

const P8841 = DEVICES['cisco-8800']!;
const run = { signal: new AbortController().signal };

describe('Cisco', () => {
  let driver: Driver;

  before(async () => {
    driver = await driverOf('cisco');
  });

  describe('files', () => {
    it('cisco.md 2: the same bytes under every name that the phone may ask for', () => {
      const files = driver.render(P8841, effectiveOf(driver, P8841));
      assert.deepEqual(
        files.map(({ name }) => name),
        ['00562b043615.xml', '00562b043615.cfg', 'Cisco/CP-8841-3PCC/00562b043615.cfg', '8841-3PCC.xml'],
      );
      assert.equal(new Set(files.map(({ body }) => body)).size, 1);
      const { model: _, ...unknown } = P8841;
      assert.deepEqual(
        driver.render(unknown, effectiveOf(driver, unknown)).map(({ name }) => name),
        ['00562b043615.xml', '00562b043615.cfg'],
      );
    });

    it('cisco.md 4: blanks by a pair, changes access only by a lone tag, writes ua', () => {
      const effective = resolve([
        {
          layer: 'device',
          source: 'x',
          parameters: [
            { name: 'Proxy_1_', value: '' },
            { name: 'Upgrade_Rule', value: 'http://x/' },
            { name: 'Upgrade_Rule@ua', value: 'na' },
            { name: 'Volume@ua', value: 'rw' },
            { name: 'XML_User_Name', value: 'x' },
            { name: 'Enable_802.1X_Authentication', value: 'Yes' },
          ],
        },
      ]);
      const text = textOf(driver.render(P8841, effective)[0]);
      assert.match(text, /<Proxy_1_><\/Proxy_1_>/);
      assert.match(text, /<Upgrade_Rule ua="na">http:\/\/x\/<\/Upgrade_Rule>/);
      assert.match(text, /<Volume ua="rw"\/>/);
      assert.deepEqual(
        [...parsedBack(driver, driver.render(P8841, effective))].sort(),
        [...effective].map(([name, { value }]) => [name, value]).sort(),
      );
      assert.throws(
        () =>
          driver.render(
            P8841,
            resolve([{ layer: 'device', source: 'x', parameters: [{ name: 'A@ua', value: 'x"' }] }]),
          ),
        /none of na, ro, rw/,
      );
    });

    it('reads the device wrapper, gzip, attributes and duplicates, and joins lines', () => {
      const text =
        '<?xml version="1.0"?>\n<device><flat-profile>\n<A ua="na">1</A>\n<B ua="rw"/>\n<C/>\n<A>2</A>\n<Dial_Plan_1_>(a|\n  b)</Dial_Plan_1_>\n<Password_1_> p </Password_1_>\n<x><y/></x>\n</flat-profile></device>';
      for (const body of [bytes(text), gzipSync(text)]) {
        const parsed = driver.parse('x.xml', body);
        assert.deepEqual(
          parsed.parameters.map(({ name, value, secret }) => [name, value, secret === true]),
          [
            ['A@ua', 'na', false],
            ['B@ua', 'rw', false],
            ['C', '', false],
            ['A', '2', false],
            ['Dial_Plan_1_', '(a| b)', false],
            ['Password_1_', ' p ', true],
          ],
        );
        assert.deepEqual(
          parsed.warnings.map(({ line }) => line),
          [7, 10],
        );
      }
    });

    it('I-02: refuses bombs and damage, with line and column', () => {
      const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, 0x20));
      for (const [body, why] of [
        [bomb, /unpacks to more than/],
        [gzipSync('<flat-profile/>').subarray(0, 20), /gzip data are damaged/],
        [bytes('<phone/>'), /is no <flat-profile>/],
      ] as const) {
        assert.throws(
          () => driver.parse('x.xml', body),
          (error) =>
            isPhonectlError(error) &&
            error.code === 'invalid_file' &&
            why.test(error.message) &&
            error.details['line'] === 1,
        );
      }
    });
  });

  describe('layers', () => {
    it('cisco.md 3: the rule brings the phone back as itself and says why it asks', () => {
      const effective = effectiveOf(driver, P8841);
      assert.equal(
        effective.get('Profile_Rule')?.value,
        '[--uid d-4711 --pwd Provision_Secret-1] https://prov.example.net/$MA.xml?prvst=$PRVST',
      );
      assert.equal(effective.get('Profile_Rule')?.secret, true);
      const { credential: _, ...shared } = CONTEXT;
      assert.equal(
        effectiveOf(driver, P8841, [], shared).get('Profile_Rule')?.value,
        'https://prov.example.net/$MA.xml?prvst=$PRVST',
      );
    });

    it('refuses what would break the grammar of a rule, without showing it', () => {
      for (const password of ['a b', 'a]b', '[x', 'a$MA', "a'b", 'a|b', 'a?b', 'a;b', '-x', 'ü', '', 'a\nb']) {
        const context = { ...CONTEXT, credential: { username: 'u', password } };
        assert.throws(
          () => driver.base(P8841, context),
          (error) =>
            isPhonectlError(error) &&
            error.code === 'invalid_input' &&
            error.details['parameter'] === 'Profile_Rule' &&
            (password.length < 2 || !error.message.includes(password)),
          password,
        );
      }
      for (const serverUrl of ['https://h/a b/', 'https://h/$MA/', 'https://h/[x]/', 'ftp://h/', 'https://h/|x/'])
        assert.throws(() => driver.base(P8841, { ...CONTEXT, serverUrl }), /cannot hold this URL/, serverUrl);
      assert.throws(() => driver.base(P8841, { ...CONTEXT, eventUrl: 'https://h/ x' }), /cannot hold this URL/);
    });

    it('4.1: lines, their proxies and transports; lines that are gone are cleared', () => {
      const effective = effectiveOf(driver, P8841);
      assert.equal(effective.get('Proxy_1_')?.value, 'sip1.example.net:5061');
      assert.equal(effective.get('Alternate_Proxy_1_')?.value, 'sip2.example.net:5062');
      assert.equal(effective.get('Line_Enable_2_')?.value, 'No');
      assert.equal(effective.get('Password_10_')?.value, '');
      assert.equal(effective.get('Password_11_'), undefined);
      assert.equal(effective.get('Extension_2_'), undefined, 'what the key is for is the administrator’s');
      for (const [transport, code] of [
        ['udp', 'UDP'],
        ['tcp', 'TCP'],
        ['tls', 'TLS'],
        ['dns', 'AUTO'],
      ] as const)
        assert.equal(
          effectiveOf(driver, { ...P8841, lines: [{ ...LINE, transport }] }).get('SIP_Transport_1_')?.value,
          code,
        );
      assert.equal(
        effectiveOf(driver, { ...P8841, lines: [{ ...LINE, transport: 'dns' }] }).get('Use_DNS_SRV_1_')?.value,
        'Yes',
      );
      assert.equal(
        effectiveOf(driver, { ...P8841, lines: [{ ...LINE, server: '2001:db8::1' }] }).get('Proxy_1_')?.value,
        '[2001:db8::1]:5061',
      );
      assert.equal(
        effectiveOf(driver, { ...P8841, lines: [{ ...LINE, label: '' }] }).get('Short_Name_1_')?.value,
        '$USER',
      );
    });
  });

  describe('identification', () => {
    it('cisco.md 1: User-Agents of MPP, enterprise and small-business phones', () => {
      for (const [userAgent, expected] of [
        ['Cisco-CP-8841-3PCC/11.0 (00562b043615)', { score: 90, mac: '00562b043615', model: '8841', firmware: '11.0' }],
        [
          'Cisco-CP-8865-3PCC/12.0.3_dcf719f39350_FCH12345678',
          { score: 90, mac: 'dcf719f39350', model: '8865', firmware: '12.0.3', serial: 'FCH12345678' },
        ],
        ['Cisco-CP-8851-3PCC/11.3.7_MPP_0001', { score: 90, model: '8851', firmware: '11.3.7_MPP_0001' }],
        [
          'Cisco-ATA191-MPP/11.2.4 (d0ec35000191)',
          { score: 90, mac: 'd0ec35000191', model: 'ATA191', firmware: '11.2.4' },
        ],
        ['Cisco-CP-9999-3PCC/1.0', { score: 80, firmware: '1.0' }],
        ['Cisco-CP7960G/8.0', { score: 50, firmware: '8.0' }],
        [
          'Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK)',
          { score: 60, mac: '0002fdff2103', firmware: '7.4.8a', serial: 'CBT141400UK' },
        ],
      ] as const)
        assert.deepEqual(
          driver.identify({ method: 'GET', path: '/', userAgent }),
          { vendor: 'cisco', ...expected },
          userAgent,
        );
    });

    it('cisco.md 2, 5: paths and certificates', () => {
      const of = (path: string): ReturnType<Driver['identify']> =>
        driver.identify({ method: 'GET', path, userAgent: '' });
      assert.deepEqual(of('/Cisco/CP-8841-3PCC/00562B043615.cfg'), {
        vendor: 'cisco',
        score: 50,
        mac: '00562b043615',
        model: '8841',
      });
      assert.deepEqual(of('/p/8841-3PCC.xml'), { vendor: 'cisco', score: 45, model: '8841' });
      assert.equal(of('/00562b043615.xml')?.score, 25);
      assert.equal(driver.macInPath('/SEP00562B043615.cnf.xml'), '00562b043615');
      assert.equal(driver.macInPath('/00562b043615-directory.xml'), undefined);
      const certificateSubject =
        'CN=CP-8841-3PCC-SEP00562B043615,OU=00562B043615,O=Cisco Systems Inc.,serialNumber=PID:CP-8841-3PCC SN:FCH12345678';
      const found = driver.identify({ method: 'GET', path: '/', userAgent: '', certificateSubject });
      assert.deepEqual([found?.score, found?.mac, found?.serial], [100, '00562b043615', 'FCH12345678']);
    });
  });

  it('cisco.md 9: reports, and 3: power-ups', () => {
    const request = {
      method: 'POST',
      path: '/e',
      userAgent: 'Cisco-CP-8841-3PCC/11.0 (00562b043615)',
      query: 'e=report',
      body: bytes('<flat-profile><A>1</A></flat-profile>'),
    };
    assert.deepEqual(driver.events(request), [
      { kind: 'report', mac: '00562b043615', detail: { event: 'configuration' } },
    ]);
    assert.deepEqual(driver.events({ ...request, query: '' }), []);
    assert.deepEqual(driver.events({ ...request, body: bytes('x') }), []);
    const get = { method: 'GET', path: '/00562b043615.xml', userAgent: '' };
    for (const [query, evidence] of [
      ['prvst=0', true],
      ['PRVST=0', true],
      ['prvst=1', false],
      ['prvst=-1', false],
      ['', false],
      ['x=prvst=0', false],
    ] as const)
      assert.equal(driver.bootEvidence({ ...get, query }), evidence, query);
  });

  describe('actions', () => {
    const target = targetOf(P8841);
    const status = (calls: string): string =>
      `<status><Product_Name>CP-8841-3PCC</Product_Name><Software_Version>sip88xx.12-0-1</Software_Version><MAC_Address>00562B043615</MAC_Address><Elapsed_Time>1 day and 02:03:04</Elapsed_Time><Registration_State_1_>Registered</Registration_State_1_><Registration_State_2_>Not Registered</Registration_State_2_><Call_1_State_1_>${calls}</Call_1_State_1_></status>`;

    it('cisco.md 6: reboots an idle phone by URL, leaves one in a call alone', async () => {
      const idle = fakeTransport(({ url }) => ({
        status: 200,
        body: url.endsWith('status.xml') ? status('Idle') : '',
      }));
      assert.deepEqual(await driver.actions.reboot.run(target, undefined, idle, run), {
        outcome: 'accepted',
        via: 'action-url',
      });
      assert.deepEqual(
        idle.requests.map(({ url }) => url),
        ['https://192.0.2.50/admin/status.xml', 'https://192.0.2.50/admin/reboot'],
      );
      const busy = fakeTransport(() => ({ status: 200, body: status('Connected') }));
      assert.equal((await driver.actions.reboot.run(target, undefined, busy, run)).outcome, 'busy');
      assert.equal(busy.requests.length, 1);
      const forced = fakeTransport(() => ({ status: 200 }));
      assert.equal(
        (await driver.actions.reboot.run(target, undefined, forced, { ...run, force: true })).outcome,
        'accepted',
      );
      assert.deepEqual(
        forced.requests.map(({ url }) => url),
        ['https://192.0.2.50/admin/reboot'],
      );
    });

    it('cisco.md 8: SIP with the account’s login where the web page refuses', async () => {
      const phone = fakeTransport(() => ({ status: 403 }));
      assert.deepEqual(await driver.actions.reboot.run(target, undefined, phone, run), {
        outcome: 'accepted',
        via: 'sip',
        detail: '200 OK',
      });
      assert.equal(phone.notifies[0]?.event, 'reboot');
      assert.deepEqual(phone.notifies[0]?.auth, { username: 'auth1001', password: 'Sip_Secret-4' });
      const sync = fakeTransport(() => ({ status: 200 }));
      assert.equal(
        (await driver.actions.checkSync.run(target, undefined, sync, { ...run, via: 'sip' })).outcome,
        'accepted',
      );
      assert.equal(sync.notifies[0]?.event, 'resync');
    });

    it('reads status.xml', async () => {
      const phone = fakeTransport(() => ({ status: 200, body: status('Idle') }));
      assert.deepEqual(await driver.actions.status.read(target, phone, run.signal), {
        model: '8841',
        firmware: 'sip88xx.12-0-1',
        mac: '00562b043615',
        uptimeSeconds: 93_784,
        inCall: false,
        lines: [
          { line: 1, user: '', state: 'registered' },
          { line: 2, user: '', state: 'unregistered' },
        ],
      });
      for (const [answer, why] of [
        [{ status: 401 }, /admin password/],
        [{ status: 404 }, /HTTP 404/],
        [{ status: 200, body: '<html>x</html>' }, /not understood/],
      ] as const)
        await assert.rejects(
          driver.actions.status.read(
            target,
            fakeTransport(() => answer),
            run.signal,
          ),
          why,
        );
    });

    it('knows that DBS bases are not controlled', () => {
      assert.match(driver.actions.reboot.notApplicable({ ...P8841, model: 'DBS-210' }) ?? '', /cannot be controlled/);
    });
  });
});
