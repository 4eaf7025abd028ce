import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endOverdueCaptures } from '../../src/sdk/captures/limits.ts';
import type { ControlEvent, ControlResult } from '../../src/sdk/control/run.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

async function results(events: AsyncIterable<ControlEvent>): Promise<readonly ControlResult[]> {
  for await (const event of events) if (event.type === 'finished') return event.results;
  throw new Error('the operation did not finish');
}

async function only(events: AsyncIterable<ControlEvent>): Promise<ControlResult> {
  const [result] = await results(events);
  assert.ok(result);
  return result;
}

function hasTshark(): boolean {
  return spawnSync('tshark', ['--version']).status === 0;
}

describe('sdk: a diagnosis on the phones of a lab', function () {
  this.timeout(60_000);
  let fleet: PlayedFleet;
  const all = { selector: { all: true } };

  before(async () => {
    fleet = await playedFleet({ phones: 5, speed: 60 });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  function one(vendor: string): string {
    const mac = fleet.macs.find((each) => fleet.lab.phone(each).vendor === vendor);
    assert.ok(mac);
    return mac;
  }
  const vvx = (): string => {
    const mac = fleet.macs.find((each) => /^VVX/.test(fleet.lab.phone(each).model));
    assert.ok(mac);
    return mac;
  };
  const of = (mac: string) => ({ selector: { refs: [mac] } });
  const running = (mac: string, name: string): string | undefined => fleet.lab.phone(mac).parameters.get(name);

  it('DIAG-04: the level arrives on phones of all three vendors, and is seen to', async () => {
    for (const { result, reason, evidence } of await results(
      fleet.phonectl.diagnoses.setLogs({ ...all, change: { level: 'debug' } }),
    )) {
      assert.equal(result, 'success', reason ?? '');
      assert.ok(evidence);
    }
    await fleet.settled();
    assert.equal(running(one('poly'), 'log.render.level'), '0');
    assert.equal(running(one('yealink'), 'static.local_log.level'), '6');
    assert.equal(running(one('cisco'), 'Debug_Level'), 'DEBUG');
  });

  it('DIAG-05, DIAG-08: a module of its own level; what comes out is the smaller; others say why not', async () => {
    const { diagnoses, configs } = fleet.phonectl;
    const poly = one('poly');
    const wish = { level: 'error', modules: { sip: 'debug' } } as const;
    for (const { device, result, reason } of await results(diagnoses.setLogs({ ...all, change: wish }))) {
      if (fleet.lab.phone(device).vendor === 'poly') assert.equal(result, 'success', reason ?? '');
      else {
        assert.equal(result, 'not-applicable');
        assert.match(reason ?? '', /module/);
      }
    }
    await fleet.settled();
    assert.equal(running(poly, 'log.level.change.sip'), '0');
    const [shown] = await Array.fromAsync(diagnoses.logSettings({ selector: { refs: [poly] } }));
    assert.ok(shown !== undefined && 'modules' in shown);
    assert.deepEqual(shown.modules, [{ module: 'sip', level: 'debug', local: 'error', syslog: null }]);
    assert.equal(shown.diagnosis, true);
    const explained = JSON.stringify(await configs.explain({ device: poly, params: ['log.render.level'] }));
    assert.match(explained, /"layer":"diagnosis"/);
  });

  it('DIAG-09: the password of another server is sealed, in the layer as in the task', async () => {
    const { diagnoses, tasks, logs } = fleet.phonectl;
    const password = 'canary-Zx81-backup';
    const yealink = one('yealink');
    const backup = { on: true, url: 'https://logs.example.net/in/', username: 'phones', every: 60 };
    const [result] = await results(diagnoses.setLogs({ selector: { refs: [yealink] }, change: { backup }, password }));
    assert.equal(result?.result, 'success', result?.reason ?? '');
    assert.equal(
      running(yealink, 'static.auto_provision.local_log.backup.path'),
      `https://phones:${password}@logs.example.net/in/`,
    );
    const told = JSON.stringify([
      await Array.fromAsync(diagnoses.list({})),
      await Array.fromAsync(diagnoses.logSettings(all)),
      await Array.fromAsync(tasks.list({})),
      await Array.fromAsync(logs.list({})),
    ]);
    assert.match(told, /logs\.example\.net/);
    assert.ok(!told.includes(password));
  });

  it('DIAG-22: recordings are sent when they end, listed, and read by those who may', async () => {
    const { diagnoses, calls, logs } = fleet.phonectl;
    const yealink = one('yealink');
    const refused = await results(diagnoses.recordingAuto({ ...all, on: true }));
    assert.ok(refused.every(({ result, reason }) => result === 'not-applicable' && reason));
    // The home says more of the model than the shipped data do.
    const models = join(fleet.home.path, 'models');
    await mkdir(models, { recursive: true });
    const { model } = fleet.lab.phone(yealink);
    const family = `T${model[1]}`;
    await writeFile(
      join(models, 'yealink.yaml'),
      `vendor: yealink\nfamilies:\n  - family: ${family}\n    models:\n      - { name: ${model}, capabilities: { recordings: true } }\n`,
    );
    const selector = { refs: [yealink] };
    const [result] = await results(diagnoses.recordingAuto({ selector, on: true }));
    assert.equal(result?.result, 'success', result?.reason ?? '');
    await results(calls.dial({ selector, to: '00491234', type: 'tel', line: 1 }));
    await fleet.lab.waitFor(
      () => fleet.lab.phone(yealink).calls.active.some(({ state }) => state === 'Connected'),
      10_000,
    );
    await results(calls.end({ selector }));
    let recordings: { file: string }[] = [];
    for (let tries = 0; tries < 50 && recordings.length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      recordings = await Array.fromAsync(diagnoses.recordings({ selector }));
    }
    const [recording] = recordings;
    assert.match(recording?.file ?? '', /^\d{8}-\d{6}\.wav$/);
    const wav = Buffer.concat(
      await Array.fromAsync(diagnoses.recordingDownload({ device: yealink, file: recording?.file ?? '' })),
    );
    assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
    assert.equal(wav.readUInt32LE(40) + 44, wav.length);
    const [entry] = await Array.fromAsync(logs.list({ operation: 'diag.recordingDownload' }));
    assert.deepEqual(entry?.details, { file: recording?.file });
  });

  it('MODEL-16: phones that cannot say so, with the reason', async () => {
    const outcome = await results(fleet.phonectl.captures.start({ selector: { all: true } }));
    for (const { device, result, reason } of outcome) {
      const { model } = fleet.lab.phone(device);
      if (/^(?:VVX|Trio)/.test(model)) {
        // DIAG-13: switched off on the phone, and nobody allowed it to be switched on.
        assert.equal(result, 'failure', model);
        assert.match(reason ?? '', /diags\.pcap\.enabled.*--enable/);
      } else {
        assert.equal(result, 'not-applicable', model);
        assert.ok(reason, model);
      }
    }
    assert.equal(fleet.lab.phone(vvx()).parameters.get('diags.pcap.background.enabled'), '0');
  });

  it('DIAG-13..15: a capture is started, stopped, kept, read by tshark, and the feature is off again', async function () {
    const { captures, control } = fleet.phonectl;
    const phone = fleet.lab.phone(vvx());
    const started = await only(captures.start({ ...of(vvx()), enable: true, megabytes: 2, minutes: 5 }));
    assert.equal(started.result, 'success', started.reason ?? '');
    assert.match(started.evidence ?? '', /captures/);
    await fleet.settled();
    assert.equal(phone.parameters.get('diags.pcap.background.bufferSize'), '2048');

    const again = await only(captures.start(of(vvx())));
    assert.equal(again.result, 'failure');
    assert.match(again.reason ?? '', /a capture runs on it since/);

    const told = await only(control.checkSync({ ...of(vvx()), via: 'sip' }));
    assert.equal(told.result, 'success', told.reason ?? '');

    const stopped = await only(captures.stop(of(vvx())));
    assert.equal(stopped.result, 'success', stopped.reason ?? '');
    assert.match(stopped.evidence ?? '', /it sent \d+ bytes/);
    await fleet.settled();
    assert.equal(phone.parameters.get('diags.pcap.enabled'), '0');
    assert.equal(phone.parameters.get('diags.pcap.background.enabled'), '0');

    const [listed] = await Array.fromAsync(captures.list({}));
    assert.equal(listed?.state, 'done');
    assert.match(listed?.file ?? '', new RegExp(`^${vvx()}_\\d{4}\\.\\d\\d\\.\\d\\d_\\d{6}\\.pcap$`));

    const raw = Buffer.concat(await Array.fromAsync(captures.download({ device: vvx(), raw: true })));
    assert.equal(raw.readUInt16BE(0), 0x1f8b, 'as it came: packed');
    const pcap = Buffer.concat(await Array.fromAsync(captures.download({ device: vvx() })));
    assert.equal(pcap.readUInt32LE(0), 0xa1b2c3d4);
    const log = await Array.fromAsync(fleet.phonectl.logs.list({}));
    assert.equal(log.filter(({ operation }) => operation === 'capture.download').length, 2, 'who read it is recorded');

    if (!hasTshark()) this.skip();
    const file = join(fleet.home.path, 'capture.pcap');
    await writeFile(file, pcap);
    const port = String(fleet.lab.sipAddress(vvx()).port);
    const options = [
      '-r',
      file,
      '-d',
      `udp.port==${port},sip`,
      '-T',
      'fields',
      '-e',
      'sip.Method',
      '-e',
      'sip.Status-Code',
    ];
    const read = spawnSync('tshark', [...options, '-e', '_ws.malformed', '-o', 'udp.check_checksum:TRUE'], {
      encoding: 'utf8',
    });
    assert.equal(read.status, 0, read.stderr);
    assert.match(read.stdout, /^NOTIFY\t/m);
    assert.match(read.stdout, /^\t200/m);
    assert.doesNotMatch(read.stdout, /malformed/i);
  });

  it('DIAG-14: a cancelled capture is not kept', async () => {
    const { captures } = fleet.phonectl;
    const before = await Array.fromAsync(captures.list({}));
    assert.equal((await only(captures.start({ ...of(vvx()), enable: true }))).result, 'success');
    await fleet.settled();
    const cancelled = await only(captures.cancel(of(vvx())));
    assert.equal(cancelled.result, 'success', cancelled.reason ?? '');
    await fleet.settled();
    const [newest, ...rest] = await Array.fromAsync(captures.list({ selector: { refs: [vvx()] } }));
    assert.equal(newest?.state, 'cancelled');
    assert.equal(newest?.file, null);
    assert.equal(rest.length, before.length);
    const none = await only(captures.stop(of(vvx())));
    assert.equal(none.result, 'not-applicable');
    assert.match(none.reason ?? '', /no capture runs/);
  });

  it('DIAG-12, DIAG-13: a capture ends at its time by itself, and is kept', async () => {
    const { captures } = fleet.phonectl;
    assert.equal((await only(captures.start({ ...of(vvx()), enable: true, minutes: 1 }))).result, 'success');
    await fleet.settled();
    const installation = await openInstallation({ home: fleet.home.path });
    const clock = { ...installation.clock, now: () => Date.now() + 61_000 };
    const context = { ...installation, scope: 'all' as const, clock };
    assert.ok((await endOverdueCaptures(context)) !== undefined);
    assert.equal(await endOverdueCaptures(context), undefined, 'one task is enough');
    await installation.store.close();
    // The server runs what nobody else does.
    let state = '';
    for (let tries = 0; tries < 150 && state !== 'done'; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      state = (await Array.fromAsync(captures.list({})))[0]?.state ?? '';
    }
    assert.equal(state, 'done');
  });

  it('DIAG-25: the end takes everything away again; there is nothing to end after it', async () => {
    const { diagnoses } = fleet.phonectl;
    const options = { home: fleet.home.path, env: fleet.home.env };
    const shown = await runCli(['diag', 'logs', 'show', '--all', '--json'], options);
    assert.equal(shown.status, 0, shown.stderr);
    assert.equal((JSON.parse(shown.stdout) as { diagnosis: boolean }[]).filter(({ diagnosis }) => diagnosis).length, 5);
    const ended = await runCli(['diag', 'end', '--all', '--yes', '--json'], options);
    assert.equal(ended.status, 0, ended.stdout + ended.stderr);
    await fleet.settled();
    assert.deepEqual(await Array.fromAsync(diagnoses.list({})), []);
    assert.equal(running(one('poly'), 'log.render.level'), '1');
    assert.equal(running(one('poly'), 'log.level.change.sip'), undefined);
    // A Cisco phone keeps what its profile no longer names: it has to be told.
    assert.equal(running(one('cisco'), 'Debug_Level'), 'NOTICE');
    for (const { result, reason } of await results(diagnoses.end(all))) {
      assert.equal(result, 'not-applicable');
      assert.match(reason ?? '', /nothing is set/);
    }
  });

  it('from the command line: wrong flags say what to give', async () => {
    const options = { home: fleet.home.path, env: fleet.home.env };
    for (const [args, expected] of [
      [['logs', 'syslog', '--all'], /--server, or --off/],
      [['logs', 'level', '--all', '--level', 'loud'], /level/],
      [['logs', 'backup', '--all'], /--on or --off/],
      [['capture', 'start', '--all', '--max-mb', '11'], /max-mb/],
      [['logs', 'level', '--level', 'debug'], /No device was selected/],
    ] as const) {
      const { status, stderr, stdout } = await runCli(['diag', ...args, '--json'], options);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, expected);
      assert.equal(stdout, '');
    }
  });
});
