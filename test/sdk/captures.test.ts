import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unpacked } from '../../src/sdk/captures/unpack.ts';
import type { ControlEvent, ControlResult } from '../../src/sdk/control/run.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
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

describe('sdk: packet captures of the phones of a lab', function () {
  this.timeout(60_000);
  let fleet: PlayedFleet;
  let vvx: string;

  before(async () => {
    fleet = await playedFleet({ phones: 6, speed: 60 });
    vvx = fleet.macs.find((mac) => /^VVX/.test(fleet.lab.phone(mac).model)) ?? '';
    assert.ok(vvx);
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  const of = (mac: string) => ({ selector: { refs: [mac] } });

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
    assert.equal(fleet.lab.phone(vvx).parameters.get('diags.pcap.background.enabled'), '0');
  });

  it('DIAG-13..15: a capture is started, stopped, kept, read by tshark, and the feature is off again', async function () {
    const { captures, control } = fleet.phonectl;
    const phone = fleet.lab.phone(vvx);
    const started = await only(captures.start({ ...of(vvx), enable: true, megabytes: 2, minutes: 5 }));
    assert.equal(started.result, 'success', started.reason ?? '');
    assert.match(started.evidence ?? '', /captures/);
    await fleet.settled();
    assert.equal(phone.parameters.get('diags.pcap.background.bufferSize'), '2048');

    const again = await only(captures.start(of(vvx)));
    assert.equal(again.result, 'failure');
    assert.match(again.reason ?? '', /a capture runs on it since/);

    const told = await only(control.checkSync({ ...of(vvx), via: 'sip' }));
    assert.equal(told.result, 'success', told.reason ?? '');

    const stopped = await only(captures.stop(of(vvx)));
    assert.equal(stopped.result, 'success', stopped.reason ?? '');
    assert.match(stopped.evidence ?? '', /it sent \d+ bytes/);
    await fleet.settled();
    assert.equal(phone.parameters.get('diags.pcap.enabled'), '0');
    assert.equal(phone.parameters.get('diags.pcap.background.enabled'), '0');

    const [listed] = await Array.fromAsync(captures.list({}));
    assert.equal(listed?.state, 'done');
    assert.match(listed?.file ?? '', new RegExp(`^${vvx}_\\d{4}\\.\\d\\d\\.\\d\\d_\\d{6}\\.pcap$`));

    const raw = Buffer.concat(await Array.fromAsync(captures.download({ device: vvx, raw: true })));
    assert.equal(raw.readUInt16BE(0), 0x1f8b, 'as it came: packed');
    const pcap = Buffer.concat(await Array.fromAsync(captures.download({ device: vvx })));
    assert.equal(pcap.readUInt32LE(0), 0xa1b2c3d4);
    const log = await Array.fromAsync(fleet.phonectl.logs.list({}));
    assert.equal(log.filter(({ operation }) => operation === 'capture.download').length, 2, 'who read it is recorded');

    if (!hasTshark()) this.skip();
    const file = join(fleet.home.path, 'capture.pcap');
    await writeFile(file, pcap);
    const port = String(fleet.lab.sipAddress(vvx).port);
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
    assert.equal((await only(captures.start({ ...of(vvx), enable: true }))).result, 'success');
    await fleet.settled();
    const cancelled = await only(captures.cancel(of(vvx)));
    assert.equal(cancelled.result, 'success', cancelled.reason ?? '');
    await fleet.settled();
    const [newest, ...rest] = await Array.fromAsync(captures.list({ selector: { refs: [vvx] } }));
    assert.equal(newest?.state, 'cancelled');
    assert.equal(newest?.file, null);
    assert.equal(rest.length, before.length);
    const none = await only(captures.stop(of(vvx)));
    assert.equal(none.result, 'not-applicable');
    assert.match(none.reason ?? '', /no capture runs/);
  });

  it('from the command line: --json, a download through a pipe, what is not there', async () => {
    const { home } = fleet;
    const list = await runCli(['diag', 'capture', 'list', vvx, '--json'], { home: home.path, env: home.env });
    assert.equal(list.status, 0, list.stderr);
    const rows = JSON.parse(list.stdout) as { state: string }[];
    assert.deepEqual([...new Set(rows.map(({ state }) => state))].sort(), ['cancelled', 'done']);
    const none = await runCli(['diag', 'capture', 'download', vvx, 'no.pcap'], { home: home.path, env: home.env });
    assert.equal(none.status, 5);
    assert.match(none.stderr, /no capture no\.pcap/);
    const wrong = await runCli(['diag', 'capture', 'start', vvx, '--max-mb', '11'], { home: home.path, env: home.env });
    assert.equal(wrong.status, 2);
  });
});

describe('sdk: captures that phones packed', () => {
  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('what is not packed comes out as it is, whatever the pieces', async () => {
    for (const size of [1, 7, 70_000]) {
      const bytes = Buffer.alloc(1000, 'x');
      assert.deepEqual(Buffer.concat(await Array.fromAsync(unpacked(pieces(bytes, size)))), bytes);
    }
    assert.deepEqual(await Array.fromAsync(unpacked(pieces(Buffer.alloc(0), 1))), []);
  });

  it('gzip alone is unpacked; what did not arrive whole says so', async () => {
    const packed = gzipSync(Buffer.alloc(100_000, 'x'));
    assert.equal(Buffer.concat(await Array.fromAsync(unpacked(pieces(packed, 13)))).length, 100_000);
    await assert.rejects(
      Array.fromAsync(unpacked(pieces(packed.subarray(0, 60), 13))),
      (error) => isPhonectlError(error) && error.code === 'invalid_file',
    );
  });
});
