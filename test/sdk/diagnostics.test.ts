import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readHops, readPath } from '../../src/sdk/diagnostics/network.ts';
import { Redactor } from '../../src/sdk/diagnostics/redact.ts';
import { runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { unzip } from '../support/zip.ts';

describe('sdk: diagnostics on the phones of a lab', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  let folder: string;
  const all = { selector: { all: true } };

  before(async () => {
    fleet = await playedFleet({ phones: 10, speed: 60, syslog: true });
    folder = await mkdtemp(join(tmpdir(), 'phonectl-diag-'));
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('DIAG-23, REST-11: screens are pictures; a Poly phone is left as it was', async () => {
    const reports = await Array.fromAsync(fleet.phonectl.diagnostics.screen({ ...all, enable: true }));
    assert.equal(reports.length, 10);
    const done = reports.filter(({ result }) => result === 'success');
    assert.ok(done.length > 0);
    for (const { device, files, result, reason } of reports) {
      const phone = fleet.lab.phone(device);
      if (result !== 'success') assert.equal(result, 'not-applicable', `${phone.model}: ${reason}`);
      for (const { name, bytes } of files) {
        assert.match(name, phone.vendor === 'poly' ? /\.png$/ : /\.bmp$/);
        assert.ok(bytes > 1000);
      }
      if (phone.vendor === 'poly') assert.notEqual(phone.parameters.get('up.screenCapture.enabled'), '1');
    }
  });

  it('DIAG-21: load, where a phone tells it; a reason where it does not', async () => {
    const rows = await Array.fromAsync(fleet.phonectl.diagnostics.performance({ ...all, samples: 2, every: 1 }));
    const told = rows.filter(({ result }) => result === 'success');
    assert.ok(told.length > 0);
    for (const { cpu, memoryUsed, memoryTotal } of told) {
      assert.ok(cpu !== null && cpu > 0 && cpu < 100);
      assert.ok((memoryUsed ?? 0) < (memoryTotal ?? 0));
    }
    for (const { result, reason } of rows.filter((row) => row.result !== 'success')) {
      assert.equal(result, 'not-applicable');
      assert.ok(reason);
    }
    // What was told is kept, and shown without asking again.
    const options = { home: fleet.home.path, env: fleet.home.env };
    const { status, stdout } = await runCli(['diag', 'perf', '--all', '--offline', '--json'], options);
    assert.equal(status, 0);
    const kept = JSON.parse(stdout) as { device: string; result: string; cpu: number | null; samples: unknown[] }[];
    for (const { device, result, cpu, samples } of kept) {
      const own = told.filter((row) => row.device === device);
      assert.equal(result, 'skipped');
      assert.deepEqual(
        samples,
        own.map(({ at, cpu: load, cpuAverage, memoryUsed, memoryTotal }) => ({
          at,
          cpu: load,
          cpuAverage,
          memoryUsed,
          memoryTotal,
        })),
      );
      assert.equal(cpu, own.at(-1)?.cpu ?? null);
    }
  });

  it('DIAG-19, DIAG-20: logs and configurations, from the command line; no secret without --show-secrets', async () => {
    const options = { home: fleet.home.path, env: fleet.home.env };
    const logs = await runCli(['diag', 'logs', 'get', '--all', '--out', folder, '--json'], options);
    assert.equal(logs.status, 0, logs.stdout + logs.stderr);
    const exported = await runCli(['diag', 'config-export', '--all', '--out', folder, '--json'], options);
    assert.equal(exported.status, 0, exported.stdout + exported.stderr);
    const names = await readdir(folder);
    assert.ok(names.some((name) => name.endsWith('-app.log')));
    assert.ok(names.some((name) => name.endsWith('log.tar')));
    for (const name of names.filter((each) => /\.(?:cfg|xml)$/.test(each))) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const secret of secretsOf(name.slice(0, 12))) assert.ok(!text.includes(secret), `${name}: ${secret}`);
      assert.match(text, /\*{8}/);
    }
  });

  it('DIAG-19: logs hold no secret, neither fetched nor received, unless that is asked for and recorded', async () => {
    const { diagnostics, logs } = fleet.phonectl;
    const mac = fleet.macs.find((each) => fleet.lab.phone(each).vendor === 'poly') ?? '';
    const [secret = ''] = secretsOf(mac);
    assert.ok(secret.length >= 8);
    const lines = [`login with ${secret}`, 'web|PASSWORD=hunter22 accepted', 'nothing to hide'];
    const device = await fleet.phonectl.devices.show({ device: mac });
    const received = join(fleet.home.path, 'logs', String(device.id));
    await mkdir(received, { recursive: true });
    await writeFile(join(received, '2026-11-22.log'), `${lines.join('\n')}\n`);
    const shown = async (showSecrets: boolean): Promise<readonly string[]> =>
      (await Array.fromAsync(diagnostics.syslog({ device: mac, showSecrets }))).map(({ line }) => line);
    assert.deepEqual(await shown(false), ['login with ********', 'web|PASSWORD=******** accepted', 'nothing to hide']);
    const before = (await Array.fromAsync(logs.list({}))).length;
    assert.deepEqual(await shown(true), lines);
    assert.equal((await Array.fromAsync(logs.list({}))).length, before + 1);
    await rm(received, { recursive: true });
  });

  it('DIAG-04, DIAG-19: what a phone logs comes as it happens, as much as its level says, and its own uploads later', async () => {
    const { diagnostics, diagnoses } = fleet.phonectl;
    const phone = fleet.lab.phone(fleet.macs.find((mac) => fleet.lab.phone(mac).vendor === 'yealink') ?? '');
    const selector = { refs: [phone.mac] };
    for await (const event of diagnoses.setLogs({ selector, change: { level: 'informational' } }))
      if (event.type === 'finished') assert.equal(event.results[0]?.result, 'success', event.results[0]?.reason ?? '');
    const stop = new AbortController();
    const lines: string[] = [];
    const following = (async () => {
      for await (const { line } of diagnostics.syslog(
        { device: phone.mac, lines: 0, follow: true },
        { signal: stop.signal },
      ))
        lines.push(line);
    })();
    // What comes is told from what was there.
    await new Promise((resolve) => setTimeout(resolve, 200));
    phone.calls.end(phone.calls.dial(1, '4711')!);
    const wanted = () => lines.filter((line) => /Call .*line 1, 4711/.test(line));
    for (const end = Date.now() + 10_000; wanted().length < 2; await new Promise((resolve) => setTimeout(resolve, 50)))
      assert.ok(Date.now() < end, lines.join('\n'));
    stop.abort();
    await following;
    assert.match(wanted()[0] ?? '', /SUA <6\+info {2}> .*Call goes out/);
    const [report] = await Array.fromAsync(diagnostics.logs({ selector }));
    assert.deepEqual([report?.result, report?.files[0]?.source], ['success', 'upload'], report?.reason ?? '');
    const uploaded = Buffer.from(report?.files[0]?.base64 ?? '', 'base64').toString('utf8');
    assert.match(uploaded, /Initial log entry\. /);
  });

  /** What must not get out, as the phone itself holds it. */
  function secretsOf(mac: string): readonly string[] {
    const { parameters } = fleet.lab.phone(mac);
    return parameters
      .entries()
      .filter(([name, value]) => /passw(?:or)?d(?!.*(?:enable|mode))/i.test(name) && value.length >= 8)
      .map(([, value]) => value.replace(/^admin:/, ''));
  }

  /** Whoever has it can speak for the phone. */
  function eventSecretOf(mac: string): string {
    const values = fleet.lab
      .phone(mac)
      .parameters.entries()
      .map(([, value]) => value);
    const secret = values
      .map((value) => /\/e\/([a-z0-9]{16,64})/.exec(value)?.[1])
      .find((found) => found !== undefined);
    assert.ok(secret);
    return secret;
  }

  it('DIAG-24: a bundle holds no secret in any form, and opens as a page of its own', async () => {
    for (const vendor of ['poly', 'yealink', 'cisco']) {
      const mac = fleet.macs.find((each) => fleet.lab.phone(each).vendor === vendor) ?? '';
      // As it stands in a phone's log that could not report: with its own facts put into it.
      const event = eventSecretOf(mac);
      const text = `POST https://127.0.0.1/e/${event}?e=registered&mac=${mac}: 500`;
      fleet.lab.phone(mac).note({ part: 'files', severity: 3, text });
      const chunks = await Array.fromAsync(fleet.phonectl.diagnostics.bundle({ device: mac }));
      const entries = unzip(Buffer.concat(chunks));
      const names = [...entries.keys()];
      for (const name of ['index.html', 'status.json', 'events.json', 'tasks.json', 'load.json', 'environment.json'])
        assert.ok(names.includes(name), `${vendor}: ${name} is missing from ${names.join(', ')}`);
      assert.ok(names.some((name) => name.startsWith('configuration/rendered/')));
      const secrets = [...secretsOf(mac), event];
      assert.ok(secrets.length > 0);
      for (const [name, body] of entries) {
        const text = body.toString('latin1');
        for (const secret of secrets) {
          const bytes = Buffer.from(secret);
          for (const form of [
            secret,
            encodeURIComponent(secret),
            bytes.toString('base64'),
            bytes.toString('hex'),
            Buffer.from(`admin:${secret}`).toString('base64').slice(9, -3),
          ])
            assert.ok(!text.includes(form), `${vendor}: ${name} holds ${form}`);
        }
      }
      const page = entries.get('index.html')?.toString('utf8') ?? '';
      assert.ok(!/<script|\bsrc="(?:https?:)?\/\//i.test(page));
      for (const [, target = ''] of page.matchAll(/(?:href|src)="([^"#]+)"/g))
        assert.ok(target === 'data:,' || entries.has(decodeURI(target)), target);
    }
  });

  it('DIAG-24: a browser opens the page of a bundle without a word on its console', async function () {
    const browser = findBrowser();
    if (browser === undefined) this.skip();
    for (const vendor of ['poly', 'yealink', 'cisco']) {
      const mac = fleet.macs.find((each) => fleet.lab.phone(each).vendor === vendor) ?? '';
      const unpacked = join(folder, `bundle-${vendor}`);
      for (const [name, body] of unzip(
        Buffer.concat(await Array.fromAsync(fleet.phonectl.diagnostics.bundle({ device: mac }))),
      )) {
        await mkdir(dirname(join(unpacked, name)), { recursive: true });
        await writeFile(join(unpacked, name), body);
      }
      const { stdout, stderr } = await promisify(execFile)(
        browser,
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--enable-logging=stderr',
          `--user-data-dir=${join(folder, 'browser')}`,
          '--dump-dom',
          pathToFileURL(join(unpacked, 'index.html')).href,
        ],
        { timeout: 60_000, maxBuffer: 50_000_000 },
      );
      assert.match(stdout, /<h1>[^<]*: support bundle<\/h1>/, vendor);
      assert.match(stdout, /<summary>Status and lines<\/summary>/, vendor);
      assert.doesNotMatch(stderr, /CONSOLE/, vendor);
    }
  });

  /** Whatever Chromium is called here; the proof is left out where there is none. */
  function findBrowser(): string | undefined {
    const names = ['chromium', 'chromium-browser', 'google-chrome'];
    for (const place of (process.env['PATH'] ?? '').split(delimiter))
      for (const name of names) if (existsSync(join(place, name))) return join(place, name);
    return undefined;
  }

  it('DEV-34..37: what is looked into says where each fact comes from; what is not told has a reason', async () => {
    const { control, profiles } = fleet.phonectl;
    const macOf = (vendor: string): string => fleet.macs.find((each) => fleet.lab.phone(each).vendor === vendor) ?? '';
    const [poly, yealink] = [macOf('poly'), macOf('yealink')];
    await profiles.add({ name: 'Loud', vendor: 'poly', set: [{ name: 'up.welcomeSoundEnabled', value: '1' }] });
    await profiles.assign({ profile: 'Loud', target: { device: poly } });
    const phone = fleet.lab.phone(poly);
    phone.calls.dial(1, '4711');
    const parts = ['extended', 'network', 'call', 'provision', 'profiles', 'files'] as const;
    const of = (device: string) => control.inspect({ device, parts: [...parts] });
    const told = await of(poly);
    assert.deepEqual(told.notTold, []);
    assert.equal(told.extended?.['sipUser']?.source, 'phone');
    assert.equal(told.extended?.['sipUser']?.value, phone.lines[0]?.user);
    assert.ok(Number(told.extended?.['uptimeSeconds']?.value) >= 0);
    assert.equal(told.network?.['address']?.value, phone.address);
    assert.equal(told.network?.['address']?.source, 'phone');
    assert.equal(told.network?.['remoteAddress']?.source, 'server');
    assert.equal(told.inCall?.value, true);
    assert.deepEqual([told.calls?.[0]?.direction, told.calls?.[0]?.remoteNumber], ['outgoing', '4711']);
    assert.equal(told.provision?.['result']?.value, 'success');
    const [loud] = told.profiles?.filter(({ profile }) => profile === 'Loud') ?? [];
    assert.deepEqual([loud?.layer, loud?.parameters, loud?.effective], ['device', 1, 1]);
    assert.ok(told.files?.some(({ name, origin }) => name === `${poly}.cfg` && origin === 'given'));
    phone.calls.drop();
    const silent = await of(yealink);
    assert.deepEqual(
      silent.notTold.map(({ part }) => part),
      ['network', 'call'],
    );
    assert.ok(silent.notTold.every(({ reason }) => reason !== ''));
    assert.equal(silent.calls, undefined);
    assert.equal(silent.network?.['address']?.source, 'server');
    assert.equal(silent.extended?.['uptimeSeconds']?.value, null);
    assert.equal(silent.extended?.['lastRestart']?.source, 'server');
  });

  it('DIAG-16: a ping says from where and how', async () => {
    const report = await fleet.phonectl.diagnostics.ping({ device: fleet.macs[0] ?? '', count: 2 });
    assert.equal(report.received, 2);
    assert.ok(report.from.length > 0);
    assert.ok((report.min ?? -1) >= 0);
    assert.match(report.notFromPhone, /no documented request|cloud/);
  });

  it('DIAG-23: a phone whose screen may not be taken says what to do about it; a bundle tells that it has none', async () => {
    const device = fleet.macs.find((mac) => /VVX/.test(fleet.lab.phone(mac).model)) ?? '';
    const selector = { refs: [device] };
    const [refused] = await Array.fromAsync(fleet.phonectl.diagnostics.screen({ selector }));
    assert.equal(refused?.result, 'failure');
    assert.match(refused?.hint ?? '', /--enable/);
    const told: unknown[] = [];
    const onProgress = (event: unknown) => told.push(event);
    const bundle = (enable: boolean) => fleet.phonectl.diagnostics.bundle({ device, enable }, { onProgress });
    const without = unzip(Buffer.concat(await Array.fromAsync(bundle(false))));
    const reason = 'screen: The phone does not tell: screen capture is switched off on it.';
    assert.deepEqual(
      told.filter((event) => 'missing' in (event as object)),
      [{ missing: reason }],
    );
    assert.ok(without.get('index.html')?.toString('utf8').includes(`<li>${reason}</li>`));
    assert.match(without.get('environment.json')?.toString('utf8') ?? '', /"phonectl": "\d+\.\d+/);
    assert.match(without.get('index.html')?.toString('utf8') ?? '', /<li class="ok">It answers now\.<\/li>/);
    const entries = unzip(Buffer.concat(await Array.fromAsync(bundle(true))));
    assert.equal(entries.get('screen.png')?.toString('latin1', 1, 4), 'PNG');
    assert.notEqual(fleet.lab.phone(device).parameters.get('up.screenCapture.enabled'), '1');
  });

  it('DIAG-18: another target by address or name; one that nobody knows is told apart from one that is silent', async () => {
    const { diagnostics } = fleet.phonectl;
    const [device = ''] = fleet.macs;
    const named = await diagnostics.ping({ device, host: 'localhost', count: 1 });
    assert.equal(named.host, 'localhost');
    assert.match(named.address, /^(?:127\.|::1)/);
    assert.equal(named.received, 1, 'whoever refuses a connection is there');
    await assert.rejects(diagnostics.ping({ device, host: 'nobody.invalid', count: 1 }), { code: 'unreachable' });
    for (const host of ['-f', 'a b', '$(id)', ''])
      await assert.rejects(diagnostics.ping({ device, host, count: 1 }), { code: 'invalid_input' }, host);
  });

  it('ALARM-09: what is left of a crash is found and handed out; what is none is refused with the reason', async () => {
    const { diagnostics, logs } = fleet.phonectl;
    const poly = fleet.macs.find((mac) => fleet.lab.phone(mac).vendor === 'poly') ?? '';
    assert.deepEqual(await Array.fromAsync(diagnostics.crashes({})), []);
    await assert.rejects(Array.fromAsync(diagnostics.crashDownload({ device: poly })), { code: 'not_found' });
    fleet.lab.crash(poly);
    await fleet.settled();
    let crashes = await Array.fromAsync(diagnostics.crashes({}));
    for (const end = Date.now() + 5_000; crashes.length === 0 && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      crashes = await Array.fromAsync(diagnostics.crashes({}));
    }
    const [crash] = crashes;
    assert.deepEqual([crashes.length, crash?.device, crash?.file], [1, poly, `core/${poly}-tapp0-core.gz`]);
    const core = gunzipSync(Buffer.concat(await Array.fromAsync(diagnostics.crashDownload({ device: poly }))));
    assert.equal(core.toString('latin1', 1, 4), 'ELF');
    const [entry] = await Array.fromAsync(logs.list({ operation: 'diag.crashDownload' }));
    assert.deepEqual(entry?.details, { file: crash?.file });
    const cisco = fleet.macs.find((mac) => fleet.lab.phone(mac).vendor === 'cisco') ?? '';
    fleet.lab.crash(cisco);
    await fleet.settled();
    const report = () => Array.fromAsync(diagnostics.crashes({ selector: { refs: [cisco] } }));
    for (const end = Date.now() + 5_000; (await report()).length === 0 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match((await report())[0]?.file ?? '', /^prt\/probrep-\d{8}t\d{6}\.tar\.gz$/);
    const tar = gunzipSync(Buffer.concat(await Array.fromAsync(diagnostics.crashDownload({ device: cisco }))));
    assert.equal(tar.toString('latin1', 0, 10), 'status.xml', 'the file in the form, and nothing else of it');
    const file = `${poly}-app.log`;
    await assert.rejects(Array.fromAsync(diagnostics.crashDownload({ device: poly, file })), {
      code: 'invalid_input',
      message: `${file} is no crash file, but a log.`,
    });
    await assert.rejects(Array.fromAsync(diagnostics.crashDownload({ device: poly, file: 'x.gz' })), {
      code: 'not_found',
    });
    const [uploaded] = await Array.fromAsync(fleet.phonectl.deviceFiles.files({ device: poly, group: 'log' }));
    assert.ok(uploaded);
    const log = Buffer.concat(await Array.fromAsync(fleet.phonectl.deviceFiles.fileDownload({ device: poly, file })));
    assert.match(log.toString('utf8'), /\|\*\|00\|Watchdog Expired: tApp0, 44/);
  });
});

describe('sdk: diagnostics', () => {
  it('DIAG-17: reads what traceroute prints', () => {
    const output = `traceroute to 10.0.0.9 (10.0.0.9), 30 hops max, 60 byte packets
 1  192.0.2.1  0.412 ms  0.388 ms  0.350 ms
 2  * * *
 3  10.0.0.9  9.1 ms *  8.8 ms
`;
    assert.deepEqual(readHops(output), [
      { hop: 1, host: '192.0.2.1', milliseconds: [0.412, 0.388, 0.35] },
      { hop: 2, host: null, milliseconds: [] },
      { hop: 3, host: '10.0.0.9', milliseconds: [9.1, 8.8] },
    ]);
  });

  it('DIAG-17: reads what tracepath prints', () => {
    const output = ` 1?: [LOCALHOST]                      pmtu 1500
 1:  192.0.2.1                                             0.412ms
 1:  192.0.2.1                                             0.388ms
 2:  no reply
 3:  10.0.0.9                                              9.100ms reached
     Resume: pmtu 1500 hops 3 back 3
`;
    assert.deepEqual(readPath(output), [
      { hop: 1, host: '192.0.2.1', milliseconds: [0.412, 0.388] },
      { hop: 2, host: null, milliseconds: [] },
      { hop: 3, host: '10.0.0.9', milliseconds: [9.1] },
    ]);
  });

  it('takes secrets out in every form, and keeps the length of bytes', () => {
    const secret = 'S3cr&t <ß>';
    const redactor = new Redactor([secret, 'abc']);
    const utf8 = Buffer.from(secret);
    for (const form of [
      secret,
      'S3cr&amp;t &lt;ß&gt;',
      encodeURIComponent(secret),
      utf8.toString('base64'),
      utf8.toString('hex'),
      utf8.toString('hex').toUpperCase(),
    ])
      assert.ok(!redactor.text(`x ${form} y`).includes(form), form);
    const basic = Buffer.from(`admin:${secret}`).toString('base64');
    assert.notEqual(redactor.text(basic), basic);
    assert.equal(redactor.text('abc stays: too short to be a secret'), 'abc stays: too short to be a secret');
    const bytes = Buffer.concat([Buffer.from([0, 255]), utf8, Buffer.from([254])]);
    const clean = redactor.bytes(bytes);
    assert.equal(clean.length, bytes.length);
    assert.equal(clean.indexOf(utf8), -1);
    assert.deepEqual([clean[0], clean[1], clean.at(-1)], [0, 255, 254]);
  });
});
