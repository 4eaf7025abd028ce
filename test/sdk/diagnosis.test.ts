import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlEvent, ControlResult } from '../../src/sdk/control/run.ts';
import { runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

async function results(events: AsyncIterable<ControlEvent>): Promise<readonly ControlResult[]> {
  for await (const event of events) if (event.type === 'finished') return event.results;
  throw new Error('the operation did not finish');
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
    await results(diagnoses.setLogs({ selector: { refs: [poly] }, change: { level: 'error' } }));
    for (const { device, result, reason } of await results(
      diagnoses.setLogs({ ...all, change: { modules: { sip: 'debug' } } }),
    )) {
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
      [['logs', 'level', '--level', 'debug'], /No device was selected/],
    ] as const) {
      const { status, stderr, stdout } = await runCli(['diag', ...args, '--json'], options);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, expected);
      assert.equal(stdout, '');
    }
  });
});
