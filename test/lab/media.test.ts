import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Call } from '../../src/lab/calls.ts';
import { callPackets, type SeenCall } from '../../src/lab/media.ts';
import type { PolyPhone } from '../../src/lab/poly/phone.ts';
import { servePoly } from './files.ts';
import { phone } from './support.ts';
import { settled, useBench } from './support-lab.ts';

const START = Date.UTC(2026, 10, 22, 10);

function seen(more: Partial<Call>, endedAt: number | null): SeenCall {
  const call: Call = {
    ref: 0x4000_1234,
    line: 1,
    direction: 'Outgoing',
    state: 'Connected',
    number: '4711',
    name: '',
    startedAt: new Date(START),
    connectedAt: new Date(START + 1_000),
    sequence: 1,
    muted: false,
    ignored: false,
    peer: null,
    ...more,
  };
  const at = (address: string, port: number) => ({ address, port });
  return {
    call,
    user: '1001',
    sip: at('127.0.9.1', 5060),
    voice: at('127.0.9.1', 2224),
    userAgent: 'Lab',
    server: at('192.0.2.60', 5060),
    peerVoice: at('192.0.2.61', 12_224),
    endedAt,
  };
}

describe('lab: the packets of a call', () => {
  const { bench, boot } = useBench();

  it('50 packets of voice a second each way, of the time that is looked at, and not more than fit', () => {
    const call = seen({}, START + 11_000);
    const isVoice = ({ packet }: { packet: { from: { port: number } } }): boolean => packet.from.port !== 5060;
    assert.equal(callPackets(call, START, START + 20_000, 10_000).filter(isVoice).length, 2 * 500);
    assert.equal(callPackets(call, START + 10_000, START + 20_000, 10_000).filter(isVoice).length, 2 * 50);
    assert.equal(callPackets(call, START, START + 20_000, 100).filter(isVoice).length, 2 * 100);
    assert.equal(
      callPackets(seen({ connectedAt: null }, START + 9_000), START, START + 20_000, 100).filter(isVoice).length,
      0,
    );
  });

  it('RFC 3261: a call that is answered, one that is not, one that comes in', () => {
    const starts = (call: SeenCall): string[] =>
      callPackets(call, START, START + 60_000, 0)
        .toSorted((a, b) => a.at - b.at)
        .map(({ packet }) => packet.payload.toString('utf8').split(/ sip:| SIP|\r/, 1)[0] ?? '');
    const rings = ['INVITE', 'SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing'];
    assert.deepEqual(starts(seen({}, START + 5_000)), [...rings, 'SIP/2.0 200 OK', 'ACK', 'BYE', 'SIP/2.0 200 OK']);
    assert.deepEqual(starts(seen({}, null)), [...rings, 'SIP/2.0 200 OK', 'ACK']);
    const missed = seen({ direction: 'Incoming', connectedAt: null }, START + 5_000);
    const cancelled = ['CANCEL', 'SIP/2.0 200 OK', 'SIP/2.0 487 Request Terminated', 'ACK'];
    assert.deepEqual(starts(missed), [...rings, ...cancelled]);
    assert.equal(callPackets(missed, START, START + 60_000, 0)[0]?.packet.from.address, '192.0.2.60');
  });

  it('DIAG-13: tshark sees the calls of a phone that captures, and their voice', async function () {
    if (spawnSync('tshark', ['--version']).status !== 0) this.skip();
    this.timeout(15_000);
    const { server } = bench;
    const specs = [phone('poly', 'VVX 450', server.url), phone('poly', 'VVX 350', server.url)];
    const [anna, bert] = specs.map(({ mac }) => mac) as [string, string];
    servePoly(server, anna, '1001', 'diags.pcap.enabled="1" diags.pcap.background.enabled="1"');
    servePoly(server, bert, '1002');
    const lab = await boot(specs);
    await settled(lab);
    const caller = lab.phone(anna) as PolyPhone;
    const call = caller.calls.dial(1, '1002')!;
    lab.phone(bert).calls.answer(lab.phone(bert).calls.active[0]!);
    await new Promise((resolve) => setTimeout(resolve, 400));
    caller.calls.end(call);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const folder = mkdtempSync(join(tmpdir(), 'phonectl-media-'));
    try {
      const file = join(folder, 'call.pcap');
      // One file in a tar: its header is one block.
      const tar = gunzipSync(caller.capture.packed());
      writeFileSync(file, tar.subarray(512, 512 + Number.parseInt(tar.toString('latin1', 124, 135), 8)));
      const look = (...options: string[]): string => {
        const decode = ['-d', `udp.port==${caller.sipPort},sip`, '-o', 'udp.check_checksum:TRUE'];
        const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, ...decode, ...options], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stderr);
        return stdout;
      };
      const fields = look(
        '-T',
        'fields',
        '-e',
        'sip.Method',
        '-e',
        'sip.Status-Code',
        '-e',
        'sip.Call-ID',
        '-e',
        '_ws.malformed',
      );
      assert.match(fields, /^INVITE\t/m);
      assert.match(fields, /^BYE\t/m);
      assert.doesNotMatch(fields, /malformed/i);
      const statistics = look('-q', '-z', 'rtp,streams', '-z', 'sip,stat');
      assert.match(statistics, /INVITE/);
      const streams = statistics.split('\n').filter((line) => /g711U|PCMU/i.test(line));
      assert.equal(streams.length, 2, statistics);
      assert.ok(streams.some((line) => line.includes(caller.address) && line.includes(lab.phone(bert).address)));
      // 400 ms are 20 packets; none is lost.
      for (const line of streams) assert.match(line, / 0 \(0\.0%\)/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
