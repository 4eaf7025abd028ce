import assert from 'node:assert/strict';
import { resolve } from '../../src/domain/effective.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { Driver, RenderDevice } from '../../src/vendors/driver.ts';
import { driverOf } from '../../src/vendors/registry.ts';
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

const T54W = DEVICES['yealink-t5']!;
const T28P = DEVICES['yealink-t2-old']!;
const run = { signal: new AbortController().signal };

describe('Yealink', () => {
  let driver: Driver;

  before(async () => {
    driver = await driverOf('yealink');
  });

  function names(device: RenderDevice): string[] {
    return driver.render(device, effectiveOf(driver, device)).map(({ name }) => name);
  }

  describe('files', () => {
    it('A1: a boot file from V81 on, none before; the common file is the model’s', () => {
      assert.deepEqual(names(T54W), ['805ec0aabbcc.boot', 'y000000000096.cfg', '805ec0aabbcc.cfg']);
      assert.deepEqual(names(T28P), ['y000000000000.cfg', '001565000028.cfg']);
      assert.deepEqual(
        names({ ...T54W, model: 'T43U', firmware: '108.86.0.90' })[1],
        'y000000000107.cfg',
        'A6: not from the firmware',
      );
      assert.deepEqual(
        names({ ...T54W, model: 'T46G', firmware: '28.73.0.50' }).length,
        2,
        'an old firmware on a newer model',
      );
      const { firmware: _, model: __, ...unknown } = T54W;
      assert.deepEqual(names(unknown), ['805ec0aabbcc.boot', 'y000000000000.cfg', '805ec0aabbcc.cfg']);
      assert.deepEqual(names({ ...unknown, model: 'T28P' }).length, 2);
    });

    it('A2, A3: header first, the include, and what makes removed parameters go', () => {
      const [boot, common, config] = driver.render(T54W, effectiveOf(driver, T54W)).map(textOf);
      assert.equal(boot, '#!version:1.0.0.1\ninclude:config "805ec0aabbcc.cfg"\noverwrite_mode = 1\n');
      assert.equal(common, '#!version:1.0.0.1\n# Nothing is common: all parameters are in the file of the phone.\n');
      assert.ok(config?.startsWith('#!version:1.0.0.1\n'));
      const keep = effectiveOf(driver, T54W, [{ name: 'overwrite_mode', value: '0' }]);
      assert.match(textOf(driver.render(T54W, keep)[0]), /overwrite_mode = 0\n/);
      assert.throws(
        () => driver.render(T54W, effectiveOf(driver, T54W, [{ name: 'overwrite_mode', value: '2' }])),
        /neither 0 nor 1/,
      );
      assert.doesNotMatch(driver.enrolment(T54W, CONTEXT).map(textOf).join(), /overwrite_mode/);
    });

    it('A3: both generations end with the same parameters but for the prefix', () => {
      const strip = (map: Map<string, string>): string[] =>
        [...map].map(([name, value]) => `${name.replace(/^static\./, '')}=${value}`);
      const modern = strip(
        parsedBack(
          driver,
          driver.render({ ...T28P, firmware: '2.81.0.1' }, effectiveOf(driver, { ...T28P, firmware: '2.81.0.1' })),
        ),
      );
      const old = strip(parsedBack(driver, driver.render(T28P, effectiveOf(driver, T28P))));
      const shared = [
        'auto_provision.server.url=https://prov.example.net/',
        'account.1.user_name=1001',
        'account.1.password=Sip_Secret-4',
        'security.user_password=admin:Admin_Secret-2',
      ];
      for (const parameter of shared) assert.ok(modern.includes(parameter) && old.includes(parameter), parameter);
      assert.ok(
        ![...parsedBack(driver, driver.render(T28P, effectiveOf(driver, T28P))).keys()].some((name) =>
          name.startsWith('static.'),
        ),
      );
    });

    it('takes the prefix off for old firmware, and the higher layer where both spellings are set', () => {
      const effective = resolve([
        { layer: 'device', source: 'a', parameters: [{ name: 'auto_provision.repeat.minutes', value: '60' }] },
        { layer: 'site', source: 'b', parameters: [{ name: 'static.auto_provision.repeat.minutes', value: '90' }] },
      ]);
      assert.equal(parsedBack(driver, driver.render(T28P, effective)).get('auto_provision.repeat.minutes'), '60');
    });

    it('A3: empties by %NULL%, and refuses what would not arrive', () => {
      const one = (value: string): string =>
        textOf(
          driver
            .render(T54W, resolve([{ layer: 'device', source: 'x', parameters: [{ name: 'lang.gui', value }] }]))
            .at(-1),
        );
      assert.match(one(''), /lang\.gui = %NULL%\n/);
      assert.throws(() => one('%NULL%'), /which empties a parameter/);
      assert.throws(() => one(' x'), /begins or ends with a blank/);
      assert.throws(() => one('x '), /begins or ends with a blank/);
      assert.match(one('a = b # c'), /lang\.gui = a = b # c\n/);
    });

    it('reads comments of any bytes, indentation, CRLF, includes, and tells what it left out', () => {
      const body = Buffer.concat([
        bytes('#!version:1.0.0.1\r\n# '),
        Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
        bytes(
          '\r\n   account.1.label=a b \r\n\taccount.1.password = p=q\r\nlang.gui = %NULL%\r\nblank =\r\ninclude:config <features/dnd.cfg>\r\n[T54W,T57W]include:config "https://x/y.cfg"\r\nnonsense\r\naccount.1.label = c\r\n',
        ),
      ]);
      const parsed = driver.parse('x.cfg', body);
      assert.deepEqual(
        parsed.parameters.map(({ name, value, line, column, secret }) => [name, value, line, column, secret === true]),
        [
          ['account.1.password', 'p=q', 4, 2, true],
          ['lang.gui', '', 5, 1, false],
          ['account.1.label', 'c', 10, 1, false],
        ],
      );
      assert.deepEqual(parsed.references, ['features/dnd.cfg', 'https://x/y.cfg']);
      assert.deepEqual(
        parsed.warnings.map(({ line }) => line),
        [9, 10, 1],
      );
    });

    it('refuses what is no configuration, with line and column', () => {
      for (const [body, why, line] of [
        [bytes('<?xml version="1.0"?>'), /this is XML/, 1],
        [bytes('#!encrypt:1.0.0.0\nx'), /encrypted/, 1],
        [Buffer.concat([bytes('#!version:1.0.0.1\na = '), Buffer.from([0xd6, 0xd0])]), /value of a is not UTF-8/, 2],
        [Buffer.from([0x23, 0x0a, 0x50, 0x4b, 0x00, 0x01]), /no text/, 2],
        [Buffer.alloc(8 * 1024 * 1024 + 1), /more than/, 1],
      ] as const) {
        assert.throws(
          () => driver.parse('x.cfg', body),
          (error) =>
            isPhonectlError(error) &&
            error.code === 'invalid_file' &&
            why.test(error.message) &&
            error.details['line'] === line,
        );
      }
    });
  });

  describe('layers', () => {
    it('A9, B1: off DHCP and PnP, commands only from our addresses', () => {
      const effective = effectiveOf(driver, T54W);
      assert.equal(effective.get('static.auto_provision.dhcp_option.enable')?.value, '0');
      assert.equal(effective.get('static.auto_provision.pnp_enable')?.value, '0');
      assert.equal(effective.get('features.action_uri_limit_ip')?.value, '192.0.2.10,192.0.2.11');
      const nobody = effectiveOf(driver, T54W, [], { ...CONTEXT, controlAddresses: [] });
      assert.equal(nobody.get('features.action_uri_limit_ip'), undefined, 'the phone then refuses everybody');
    });

    it('B6: a plain check-sync does not reboot; before V81 the switch knows only on and off', () => {
      assert.equal(effectiveOf(driver, T54W).get('sip.notify_reboot_enable')?.value, '0');
      assert.equal(effectiveOf(driver, T28P).get('sip.notify_reboot_enable')?.value, '1');
    });

    it('B4: callback URLs fit into what phones take', () => {
      const eventUrl = `https://prov.example.net/${'e'.repeat(500)}`;
      assert.throws(() => driver.base(T54W, { ...CONTEXT, eventUrl }), /phones take 511/);
    });

    it('F: transports of lines, by both names before V81', () => {
      for (const [transport, code] of [
        ['udp', '0'],
        ['tcp', '1'],
        ['tls', '2'],
        ['dns', '3'],
      ] as const) {
        assert.equal(
          effectiveOf(driver, { ...T54W, lines: [{ ...LINE, transport }] }).get('account.1.sip_server.1.transport_type')
            ?.value,
          code,
        );
        assert.equal(
          effectiveOf(driver, { ...T28P, lines: [{ ...LINE, transport }] }).get('account.1.transport')?.value,
          code,
        );
      }
    });

    it('switches accounts off that are gone where no boot file resets them', () => {
      const effective = effectiveOf(driver, { ...T28P, lines: [{ ...LINE, line: 2 }] });
      assert.equal(effective.get('account.1.enable')?.value, '0');
      assert.equal(effective.get('account.2.enable')?.value, '1');
      assert.equal(effective.get('account.6.enable')?.value, '0');
      assert.equal(effectiveOf(driver, T54W).get('account.2.enable'), undefined);
    });
  });

  describe('identification', () => {
    it('A8: every spelling of the User-Agent', () => {
      for (const [userAgent, model, mac] of [
        ['Yealink SIP-T46G 28.83.0.120 00:15:65:4a:a9:37', 'T46G', '0015654aa937'],
        ['yealink SIP-T28P 2.70.0.140 00:15:65:13:ae:0b', 'T28P', '00156513ae0b'],
        ['Yealink SIP-T38G  38.70.0.125 00:15:65:2f:c3:5e', 'T38G', '0015652fc35e'],
        ['Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0', 'T46G', undefined],
        ['Yealink SIP-T56A  58.80.0.25 001565f429a4', 'T56A', '001565f429a4'],
        ['Yealink SIP VP-T49G 51.80.0.10 00:15:65:9b:5a:44', 'T49G', '0015659b5a44'],
        ['VP530P 23.70.0.40 00:15:65:31:4b:c0', 'VP530', '001565314bc0'],
        ['W52P 25.30.0.2 00:15:65:b8:60:05', 'W52P', '001565b86005'],
        ['Yealink SIP-T19P_E2 53.80.0.3 00:15:65:4c:4c:26', 'T19P_E2', '0015654c4c26'],
        ['Yealink AX83H 180.87.0.15 80:5e:c0:00:00:01', 'AX83H', '805ec0000001'],
        ['Yealink SIP-T46S 66.84.0.15', 'T46S', undefined],
      ] as const) {
        const found = driver.identify({ method: 'GET', path: '/', userAgent });
        assert.equal(found?.model, model, userAgent);
        assert.equal(found?.mac, mac, userAgent);
      }
      assert.equal(driver.identify({ method: 'GET', path: '/', userAgent: 'AB12 1.2.3.4' }), undefined);
    });

    it('A1, A6: paths, and the model of a common file that has one', () => {
      assert.equal(driver.macInPath('/x/805EC0AABBCC.BOOT'), '805ec0aabbcc');
      assert.equal(driver.macInPath('/805ec0aabbcc-local.cfg'), '805ec0aabbcc');
      assert.equal(driver.macInPath('/y000000000096.cfg'), undefined);
      assert.equal(driver.identify({ method: 'GET', path: '/y000000000096.cfg', userAgent: '' })?.model, 'T54W');
      assert.equal(
        driver.identify({ method: 'GET', path: '/y000000000025.cfg', userAgent: '' })?.model,
        undefined,
        'W52P or W56P',
      );
      assert.equal(driver.identify({ method: 'GET', path: '/dm.cfg', userAgent: '' })?.score, 20, 'PROV-09');
    });

    it('A11: the certificate’s MAC with or without colons', () => {
      for (const subject of [
        'CN=80:5e:c0:aa:bb:cc,O=Yealink',
        'O=YEALINK NETWORK TECHNOLOGY CO.\\,LTD.,CN=805EC0AABBCC',
      ])
        assert.equal(
          driver.identify({ method: 'GET', path: '/', userAgent: '', certificateSubject: subject })?.mac,
          '805ec0aabbcc',
          subject,
        );
    });
  });

  describe('events', () => {
    const of = (query: string): ReturnType<Driver['events']> =>
      driver.events({ method: 'GET', path: '/e', userAgent: '', query, body: new Uint8Array() });

    it('B4: understands the very URLs of the base layer, as a phone fills them in', () => {
      const fill: Readonly<Record<string, string>> = {
        mac: '80:5e:c0:aa:bb:cc',
        ip: '192.0.2.31',
        model: 'SIP-T54W',
        firmware: '96.86.0.75',
        active_user: '1001',
      };
      const kinds: Record<string, string> = {};
      for (const { name, value } of driver.base(T54W, CONTEXT).parameters) {
        if (!name.startsWith('action_url.')) continue;
        const url = new URL(value.replace(/\$(\w+)/g, (_, variable: string) => fill[variable] ?? ''));
        assert.equal(url.pathname, '/events/Event_Secret-3');
        const [event] = of(url.search.slice(1));
        assert.deepEqual(
          [event?.mac, event?.address, event?.model, event?.firmware],
          ['805ec0aabbcc', '192.0.2.31', 'T54W', '96.86.0.75'],
          name,
        );
        kinds[name.slice('action_url.'.length)] = event?.kind ?? '';
        if (name.endsWith('registered')) assert.equal(event?.user, '1001');
        assert.equal(
          driver.bootEvidence({ method: 'GET', path: '/e', userAgent: '', query: url.search.slice(1) }),
          name.endsWith('setup_completed'),
        );
      }
      assert.deepEqual(kinds, {
        setup_completed: 'boot',
        registered: 'registered',
        unhold: 'other',
        unregistered: 'unregistered',
        register_failed: 'unregistered',
        hold: 'other',
        idle_to_busy: 'call',
        blind_transfer_call: 'other',
        busy_to_idle: 'idle',
        call_established: 'call',
        call_terminated: 'idle',
        dnd_on: 'dnd',
        dnd_off: 'dnd',
        ip_change: 'other',
        outgoing_call: 'call',
      });
    });

    it('takes nothing from other requests, and no variable that was not filled in', () => {
      assert.deepEqual(of(''), []);
      assert.deepEqual(of('e=constructor'), []);
      assert.deepEqual(of('e=registered&user=$active_user&mac=junk')[0], {
        kind: 'registered',
        detail: { event: 'registered' },
      });
    });
  });

  describe('actions', () => {
    const target = targetOf(T54W);

    it('B1: reboots by Action URI, by the older spelling where the newer is unknown', async () => {
      const phone = fakeTransport(({ url }) => ({ status: url.includes('/servlet') ? 404 : 200 }));
      assert.deepEqual(await driver.actions.reboot.run(target, undefined, phone, run), {
        outcome: 'accepted',
        via: 'action-uri',
      });
      assert.deepEqual(
        phone.requests.map(({ url }) => url),
        ['https://192.0.2.50/servlet?key=Reboot', 'https://192.0.2.50/cgi-bin/ConfigManApp.com?key=Reboot'],
      );
    });

    it('B6: falls back to check-sync;reboot=true; the phone’s own refusal is what is told', async () => {
      const phone = fakeTransport(
        () => ({ status: 403 }),
        () => ({ status: 481, reason: 'Nope' }),
      );
      const result = await driver.actions.reboot.run(target, undefined, phone, run);
      assert.equal(result.outcome, 'refused');
      assert.match('reason' in result ? result.reason : '', /does not take commands from this address/);
      assert.equal(phone.notifies[0]?.event, 'check-sync;reboot=true');
      const taken = fakeTransport(() => ({ status: 403 }));
      assert.deepEqual(await driver.actions.reboot.run(target, undefined, taken, run), {
        outcome: 'accepted',
        via: 'sip',
        detail: '200 OK',
      });
      assert.deepEqual(taken.notifies[0]?.auth, { username: 'auth1001', password: 'Sip_Secret-4' });
    });

    it('leaves a phone alone that its last event put into a call, without force', async () => {
      const phone = fakeTransport(() => ({ status: 200 }));
      assert.equal(
        (await driver.actions.reboot.run({ ...target, inCall: true }, undefined, phone, run)).outcome,
        'busy',
      );
      assert.deepEqual(phone.requests, []);
      assert.equal(
        (await driver.actions.reboot.run({ ...target, inCall: true }, undefined, phone, { ...run, force: true }))
          .outcome,
        'accepted',
      );
    });

    it('checkSync: AutoP, or check-sync;reboot=false', async () => {
      const phone = fakeTransport(() => ({ status: 401 }));
      assert.deepEqual(await driver.actions.checkSync.run(target, undefined, phone, run), {
        outcome: 'accepted',
        via: 'sip',
        detail: '200 OK',
      });
      assert.equal(phone.requests[0]?.url, 'https://192.0.2.50/servlet?key=AutoP');
      assert.equal(phone.notifies[0]?.event, 'check-sync;reboot=false');
    });

    it('reads what it recognises of phonecfg=get, in whatever form', async () => {
      for (const body of [
        'fw=96.86.0.75\naccount1=registered\naccount2=unregistered\ndnd=0',
        '{"firmware":"96.86.0.75","account1":"Registered","account2":"Register Failed"}'.replaceAll(/[{}]/g, '\n'),
      ]) {
        const status = await driver.actions.status.read(
          target,
          fakeTransport(() => ({ status: 200, body })),
          run.signal,
        );
        assert.equal(status.firmware, '96.86.0.75');
        assert.deepEqual(
          status.lines?.map(({ state }) => state),
          ['registered', 'unregistered'],
        );
      }
      const long = fakeTransport(() => ({
        status: 200,
        body: 'account.2=1001@registrar.example.net;status=Register Failed\n',
      }));
      assert.deepEqual(await driver.actions.status.read(target, long, run.signal), {
        lines: [{ line: 2, user: '1001', state: 'unregistered' }],
      });
      await assert.rejects(
        driver.actions.status.read(
          target,
          fakeTransport(() => ({ status: 200, body: '<html>' })),
          run.signal,
        ),
        /not understood/,
      );
      await assert.rejects(
        driver.actions.status.read(
          target,
          fakeTransport(() => ({ status: 403 })),
          run.signal,
        ),
        /does not take commands/,
      );
    });
  });

  it('reads the vendor’s own templates', function () {
    const template = corpusFile('yealink-config', 'v85.5_template__common.cfg');
    if (template === undefined) this.skip();
    const parsed = driver.parse('common.cfg', template);
    assert.deepEqual(parsed.parameters, [], 'a template sets nothing');
    assert.match(parsed.warnings.at(-1)?.message ?? '', /\d{3,} parameters without a value/);
  });
});
