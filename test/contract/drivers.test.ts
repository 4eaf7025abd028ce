/** One suite over all drivers: what the rest of the house relies on (design.md section 5, `vendors/driver.ts`). */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { Driver, Line, PhoneRequest, RenderDevice, RenderedFile } from '../../src/vendors/driver.ts';
import { allDrivers, bestOf, driverOf, identify, VENDORS } from '../../src/vendors/registry.ts';
import { bytes, CONTEXT, DEVICES, effectiveOf, fits, LINE, parsedBack, textOf } from '../vendors/fixtures.ts';

/** `PHONECTL_RUNS=100000` is what security.md F-29 asks for; a commit gets fewer. */
const RUNS = Number(process.env['PHONECTL_RUNS'] ?? 400);

/** security.md W-09: what must never become syntax. */
const HOSTILE = [
  '\r',
  '\n',
  '\r\n',
  '\u0085',
  '\u2028',
  '\u2029',
  '\0',
  '\t',
  '\u001b',
  '\u007f',
  '"',
  "'",
  '<',
  '>',
  '&',
  '&#10;',
  '&quot;',
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '#',
  '#!version:1.0.0.1',
  'include:config "evil.cfg"',
  'static.auto_provision.server.url = http://evil/',
  '"><evil a="',
  '</flat-profile>',
  '</Display_Name_1_><Profile_Rule>http://evil/</Profile_Rule>',
  '" device.prov.serverName="http://evil',
  '$MA',
  '[--key 00]',
  '%NULL%',
  '\ud800',
  '\uffff',
  ' ',
  '=',
  ';',
  '{n}',
  '$' + '{mac_address}',
  '__proto__',
  'Zürich 中文 🚪',
];

const text = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''))
  .filter((value) => value !== '');

/** Renders, or tells that the driver refused with the right error. */
function renderOrRefuse(
  driver: Driver,
  device: RenderDevice,
  more: { name: string; value: string }[],
): RenderedFile[] | undefined {
  try {
    return [...driver.render(device, effectiveOf(driver, device, more))];
  } catch (error) {
    assert.ok(isPhonectlError(error), String(error));
    assert.equal(error.code, 'invalid_input');
    assert.ok(
      typeof error.details['parameter'] === 'string' && error.details['parameter'] !== '',
      'names the parameter',
    );
    return undefined;
  }
}

const FREE_TEXT_PARAMETER = {
  poly: 'up.welcomeText',
  yealink: 'phone_setting.welcome_text',
  cisco: 'Station_Display_Name',
} as const;

for (const vendor of VENDORS) {
  describe(`driver of ${vendor}`, () => {
    const devices = Object.values(DEVICES).filter((device) => device.vendor === vendor);
    let driver: Driver;

    before(async () => {
      driver = await driverOf(vendor);
    });

    it('renders the same bytes for the same input, in the same order', () => {
      for (const device of devices) {
        const first = driver.render(device, effectiveOf(driver, device));
        const second = driver.render(structuredClone(device), effectiveOf(driver, structuredClone(device)));
        assert.deepEqual(first, second);
        assert.ok(first.length > 0);
      }
    });

    it('changes nothing that it is given', () => {
      for (const device of devices) {
        const frozen = deepFreeze(structuredClone(device));
        const context = deepFreeze(structuredClone(CONTEXT));
        assert.doesNotThrow(() => driver.render(frozen, effectiveOf(driver, frozen, [], context)));
      }
    });

    it('reads no clock, no dice and no environment, so that phones are not made to fetch again for nothing', () => {
      const root = join(import.meta.dirname, '../../src/vendors', vendor);
      for (const name of ['base', 'lines', 'render', 'files', 'parse', 'identify']) {
        const source = readFileSync(join(root, `${name}.ts`), 'utf8');
        assert.doesNotMatch(source, /\bDate\b|Math\.random|process\.env|randomUUID|performance\./, name);
      }
      assert.ok(globSync('*.ts', { cwd: root }).length >= 8);
    });

    it('reads back exactly what it rendered', () => {
      for (const device of devices) {
        const effective = effectiveOf(driver, device);
        const expected = new Map([...effective].map(([name, { value }]) => [name, value]));
        const parsed = parsedBack(
          driver,
          driver.render(device, effective).filter(({ name }) => !isIndex(driver, name)),
        );
        assert.deepEqual(sorted(parsed), sorted(expected));
      }
    });

    it('W-09: no text in any field of an account adds, removes or changes anything else', () => {
      const device = devices[0]!;
      const clean = sorted(valuesOf(driver, device));
      const fields = ['displayName', 'label', 'username', 'authName', 'password', 'server', 'server2'] as const;
      fc.assert(
        fc.property(text, fc.constantFrom(...fields), (value, field) => {
          const evil = { ...device, lines: [{ ...LINE, [field]: value } as Line] };
          const files = renderOrRefuse(driver, evil, []);
          if (files === undefined) return;
          const expected = valuesOf(driver, evil);
          const parsed = parsedBack(
            driver,
            files.filter(({ name }) => !isIndex(driver, name)),
          );
          assert.deepEqual(sorted(parsed), sorted(expected));
          assert.deepEqual([...sorted(parsed).keys()], [...clean.keys()]);
        }),
        { numRuns: RUNS },
      );
    });

    it('W-09: nor does the value of any parameter, nor its name', () => {
      const device = devices[0]!;
      fc.assert(
        fc.property(text, text, fc.boolean(), (value, name, asName) => {
          const more = [asName ? { name, value: 'x' } : { name: FREE_TEXT_PARAMETER[vendor], value }];
          const files = renderOrRefuse(driver, device, more);
          if (files === undefined) return;
          const expected = new Map(
            [...effectiveOf(driver, device, more)].map(([key, parameter]) => [key, parameter.value]),
          );
          const parsed = parsedBack(
            driver,
            files.filter((file) => !isIndex(driver, file.name)),
          );
          assert.deepEqual(sorted(parsed), sorted(expected));
        }),
        { numRuns: RUNS },
      );
    });

    it('acceptance 5: `"><evil a="` arrives as that very text', () => {
      for (const evil of ['"><evil a="', ']]></x>', "a & b < c > d ' e", '# no comment', '$MA [--key 00]']) {
        const device = { ...devices[0]!, lines: [{ ...LINE, displayName: evil }] };
        const parsed = parsedBack(driver, driver.render(device, effectiveOf(driver, device)));
        assert.ok([...parsed.values()].includes(evil), evil);
      }
    });

    it('acceptance 5: a line break is refused, and the refusal names parameter and code point, not the value', () => {
      for (const [evil, codePoint] of [
        ['x\nstatic.auto_provision.server.url = http://evil/', 'U+000A'],
        ['x\r', 'U+000D'],
        ['\0', 'U+0000'],
        ['a\u2028b', 'U+2028'],
      ] as const) {
        const device = { ...devices[0]!, lines: [{ ...LINE, displayName: evil }] };
        assert.throws(
          () => driver.render(device, effectiveOf(driver, device)),
          (error) =>
            isPhonectlError(error) &&
            error.code === 'invalid_input' &&
            error.details['codePoint'] === codePoint &&
            /display_?name/i.test(String(error.details['parameter'])) &&
            !error.message.includes('evil'),
        );
      }
    });

    it('names in files() everything that it renders', () => {
      for (const device of devices) {
        const names = new Set(driver.files(device).map(({ name }) => name));
        for (const { name } of driver.render(device, effectiveOf(driver, device))) assert.ok(names.has(name), name);
        for (const { name } of driver.enrolment(device, CONTEXT)) assert.ok(names.has(name), name);
      }
    });

    it('names files after the device where they hold anything of it', () => {
      for (const device of devices) {
        for (const { name, body } of driver.render(device, effectiveOf(driver, device))) {
          const isOwn = driver.macInPath(`/${name}`) === device.mac;
          // `8841-3PCC.xml` is asked for by many phones, each of which shows who it is.
          if (!isOwn && vendor !== 'cisco') assert.doesNotMatch(new TextDecoder().decode(body), /Secret/);
        }
      }
    });

    it('enrolment: gives the own credential and our URL, and nothing of any account', () => {
      for (const device of devices) {
        const all = driver.enrolment(device, CONTEXT).map(textOf).join('\n');
        assert.ok(all.includes(CONTEXT.credential!.password));
        assert.ok(all.includes('prov.example.net'));
        for (const secret of [
          LINE.password,
          LINE.authName,
          LINE.displayName,
          LINE.server,
          CONTEXT.adminPassword!,
          'Event_Secret',
        ])
          assert.ok(!all.includes(secret), secret);
      }
    });

    it('bootstrap: holds no secret, even when it is handed some', () => {
      const files = driver.bootstrap(CONTEXT);
      const all = files.map(textOf).join('\n');
      assert.ok(all.includes('prov.example.net'));
      assert.ok(/CERTIFICATE/.test(all), 'installs our CA');
      assert.doesNotMatch(all, /Secret|d-4711/);
      for (const { name } of files) assert.equal(driver.macInPath(name), undefined, 'is no device’s file');
    });

    it('marks every secret of base and accounts', () => {
      for (const device of devices) {
        for (const [name, { value, secret }] of effectiveOf(driver, device)) {
          if (/_Secret-[1-4]/.test(value)) assert.equal(secret, true, name);
          if (secret === true && value !== '') assert.match(value, /_Secret-[1-4]/, name);
        }
      }
    });

    it('knows every parameter of its own base layer and accounts, with the same secret mark and the same case', () => {
      for (const device of devices) {
        for (const [name, { secret, value }] of effectiveOf(driver, device)) {
          const entry = driver.catalogue.find(name.toUpperCase());
          assert.ok(entry !== undefined, name);
          assert.equal(entry.name, name);
          assert.equal(entry.secret, secret === true, name);
          assert.ok(fits(entry, value), `${name} = ${value}`);
        }
      }
    });

    it('W-02: protects what the base layer holds the phone by, in any case, and nothing of accounts', () => {
      /** Of the base layer, these may be changed by anybody: time, logs, when to poll, what NOTIFY does. */
      const open =
        /sntp|ntp_server|^log\.|^prov\.polling|^tcpIpApp|notify_reboot|Primary_NTP|^Resync_|HTTP_Report_Method|Report_To_Server|PRT_Upload_(?:Method|at_Crash)|Web_Server_Port/i;
      for (const device of devices) {
        for (const { name } of driver.base(device, CONTEXT).parameters)
          assert.equal(driver.isProtected(name.toLowerCase()), !open.test(name), name);
        for (const { parameters } of driver.lines(device))
          for (const { name } of parameters) assert.equal(driver.isProtected(name), false, name);
      }
    });

    it('never throws on what anybody may send', () => {
      fc.assert(
        fc.property(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.string({ unit: 'binary', maxLength: 300 }),
          (path, agent) => {
            const request = { method: 'GET', path, userAgent: agent, certificateSubject: agent };
            driver.identify(request);
            driver.macInPath(path);
            driver.bootEvidence({ ...request, query: agent });
            driver.events({ ...request, query: agent, body: bytes(path) });
          },
        ),
        { numRuns: RUNS },
      );
    });

    it('I-06: is quick on 100,000 crafted characters', () => {
      const started = process.cpuUsage();
      for (const unit of [
        'Poly',
        'FileTransport ',
        '-UA/1',
        'Yealink SIP-',
        'Cisco-CP-',
        '0',
        '00:',
        '1.',
        ' ',
        '(',
        '-',
        '%',
        '/',
      ]) {
        const long = unit.repeat(100_000 / unit.length);
        const request = { method: 'PUT', path: `/${long}`, userAgent: long, certificateSubject: long };
        driver.identify(request);
        driver.bootEvidence({ ...request, query: long });
        driver.events({ ...request, query: long, body: bytes(long) });
        driver.catalogue.find(long);
        driver.catalogue.suggest(long);
      }
      const used = process.cpuUsage(started);
      assert.ok(used.user + used.system < 1_000_000, `${used.user + used.system} µs`);
    });

    it('I-01: refuses document types, entities and depth; the file is named with line and column', () => {
      if (vendor === 'yealink') return;
      const bombs = [
        '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x "y">]><flat-profile/>',
        '<flat-profile><A>&x;</A></flat-profile>',
        '<a>'.repeat(100_000),
      ];
      for (const bomb of bombs) {
        assert.throws(
          () => driver.parse('bomb.xml', bytes(bomb)),
          (error) =>
            isPhonectlError(error) &&
            error.code === 'invalid_file' &&
            Number(error.details['line']) >= 1 &&
            Number(error.details['column']) >= 1,
        );
      }
    });

    it('PROV-02: spreads 50,000 phones over the window: the busiest minute has at most twice the mean', () => {
      const minutes = new Map<string, number>();
      const pattern = {
        poly: 'prov.polling.time',
        yealink: 'static.auto_provision.weekly.begin_time',
        cisco: 'Resync_At__HHmm_',
      }[vendor];
      for (let index = 0; index < 50_000; index++) {
        const mac = `805ec0${index.toString(16).padStart(6, '0')}`;
        const base = driver.base({ ...devices[0]!, mac }, CONTEXT);
        const time = base.parameters.find(({ name }) => name === pattern)?.value ?? '';
        assert.match(time, /^0[34]:?[0-5]\d$/);
        minutes.set(time, (minutes.get(time) ?? 0) + 1);
      }
      const window = CONTEXT.pollWindow.end - CONTEXT.pollWindow.start;
      assert.ok(Math.max(...minutes.values()) <= (2 * 50_000) / window, `${Math.max(...minutes.values())}`);
    });

    it('ACCT-01, ACCT-10: renders no half lines: other account types and lines beyond the limit say why', () => {
      const small = { poly: 'VVX 101', yealink: 'T19P_E2', cisco: '7811' }[vendor];
      const device: RenderDevice = {
        ...devices[0]!,
        model: small,
        lines: [
          { ...LINE, type: 'h323' },
          { ...LINE, line: 2, password: 'Too_Much' },
        ],
      };
      const sources = driver.lines(device);
      assert.match(sources[0]?.source ?? '', /line 1 \(not rendered: no mapping is known for h323/);
      assert.match(sources[1]?.source ?? '', /line 2 \(not rendered: .* takes 1 account\)/);
      const all = sources.flatMap(({ parameters }) => parameters.map(({ value }) => value));
      assert.ok(!all.includes('Too_Much') && !all.includes(LINE.password));
      assert.ok(sources.every(({ layer }) => layer === 'accounts'));
    });
  });
}

describe('all drivers together', () => {
  const REQUESTS: [PhoneRequest, string, string][] = [
    [
      {
        method: 'GET',
        path: '/0004f2abcdef.cfg',
        userAgent: 'FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 Type/Application',
      },
      'poly',
      '0004f2abcdef',
    ],
    [
      { method: 'GET', path: '/805ec0aabbcc.cfg', userAgent: 'Yealink SIP-T54W 96.86.0.75 80:5e:c0:aa:bb:cc' },
      'yealink',
      '805ec0aabbcc',
    ],
    [
      { method: 'GET', path: '/00562b043615.xml', userAgent: 'Cisco-CP-8841-3PCC/11.0 (00562b043615)' },
      'cisco',
      '00562b043615',
    ],
    [{ method: 'GET', path: '/805EC0AABBCC.boot', userAgent: '' }, 'yealink', '805ec0aabbcc'],
    [{ method: 'PUT', path: '/logs/0004F2ABCDEF-app.log', userAgent: '' }, 'poly', '0004f2abcdef'],
    [{ method: 'GET', path: '/0004f2abcdef.cfg', userAgent: '' }, 'poly', '0004f2abcdef'],
    [{ method: 'GET', path: '/805ec0aabbcc.cfg', userAgent: '' }, 'yealink', '805ec0aabbcc'],
  ];

  it('find the one vendor, whatever the order of asking', async () => {
    const drivers = await allDrivers();
    for (const [request, vendor, mac] of REQUESTS) {
      const found = await identify(request);
      assert.equal(found?.vendor, vendor, request.path);
      assert.equal(found?.mac, mac);
      assert.deepEqual(bestOf([...drivers].reverse(), request), found);
    }
  });

  it('know nothing of what is no phone', async () => {
    for (const userAgent of ['curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64)', ''])
      assert.equal(await identify({ method: 'GET', path: '/', userAgent }), undefined);
  });
});

/** Poly's master file and Yealink's boot file name other files; they hold no parameters of the phone. */
function isIndex(driver: Driver, name: string): boolean {
  return (driver.vendor === 'poly' && /^[0-9a-f]{12}\.cfg$/.test(name)) || name.endsWith('.boot');
}

function valuesOf(driver: Driver, device: RenderDevice): Map<string, string> {
  return new Map([...effectiveOf(driver, device)].map(([name, { value }]) => [name, value]));
}

function sorted(values: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
