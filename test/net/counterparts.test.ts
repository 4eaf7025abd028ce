/**
 * Our SIP against programs of other people: SIPp plays phones, tshark reads what we send. Where they are not installed
 * the tests are skipped, except in CI, which installs them (sip-tester, tshark).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { notify } from '../../src/net/sip/client.ts';
import type { Timers } from '../../src/net/sip/transaction.ts';
import type { SipNotify } from '../../src/vendors/transport.ts';

const run = promisify(execFile);

function skipWithout(context: Mocha.Context, tool: string, option: string): void {
  const missing = spawnSync(tool, [option]).error !== undefined;
  if (missing && process.env['CI'] !== 'true') context.skip();
}

function request(port: number, protocol: 'udp' | 'tcp', more: Partial<SipNotify> = {}): SipNotify {
  return {
    host: '127.0.0.1',
    port,
    protocol,
    user: '1001',
    domain: 'pbx.example.net',
    event: 'check-sync;reboot=true',
    auth: { username: '1001', password: 'Tr0ub4dor&3' },
    signal: AbortSignal.timeout(20_000),
    ...more,
  };
}

/** An answer of the scenario, with the headers that RFC 3261 wants copied. */
function answer(status: string, headers: readonly string[] = []): string {
  const lines = [
    `SIP/2.0 ${status}`,
    '[last_Via:]',
    '[last_From:]',
    '[last_To:];tag=[call_number]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    ...headers,
    'Content-Length: 0',
  ];
  return `<send><![CDATA[\n${lines.join('\n')}\n\n]]></send>`;
}

const RECEIVE = '<recv request="NOTIFY"/>';
const CHALLENGE = 'WWW-Authenticate: Digest realm="phone", nonce="5f3a9c0b", algorithm=MD5, qop="auth"';
const PROVEN = `<recv request="NOTIFY"><action>
  <ereg regexp="Digest .*username=.1001..*response=.[0-9a-f]{32}." search_in="hdr" header="Authorization:" check_it="true" assign_to="1"/>
  <log message="[$1]"/></action></recv>`;

describe('SIP against other people’s programs', function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phonectl-sipp-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  /** Starts SIPp as a phone; the result is its exit status: 0 when the scenario went as it is written. */
  async function phone(steps: string, protocol: 'udp' | 'tcp'): Promise<{ port: number; end: Promise<number | null> }> {
    const scenario = join(folder, 'phone.xml');
    await writeFile(scenario, `<?xml version="1.0"?>\n<scenario name="phone">\n${steps}\n</scenario>\n`);
    const port = await freePort();
    const options = ['-sf', scenario, '-i', '127.0.0.1', '-p', String(port), '-m', '1', '-nostdin', '-timeout', '15s'];
    const transport = protocol === 'tcp' ? 't1' : 'u1';
    const child: ChildProcess = spawn('sipp', [...options, '-t', transport], { cwd: folder, stdio: 'ignore' });
    const end = once(child, 'exit').then(([status]) => status as number | null);
    await sleep(700);
    return { port, end };
  }

  for (const protocol of ['udp', 'tcp'] as const) {
    it(`SIPp takes a check-sync over ${protocol.toUpperCase()}`, async function () {
      skipWithout(this, 'sipp', '-v');
      const { port, end } = await phone(RECEIVE + answer('200 OK'), protocol);
      assert.deepEqual(await notify(request(port, protocol)), { status: 200, reason: 'OK' });
      assert.equal(await end, 0);
    });

    it(`SIPp challenges a check-sync over ${protocol.toUpperCase()}, and gets the proof`, async function () {
      skipWithout(this, 'sipp', '-v');
      const steps = RECEIVE + answer('401 Unauthorized', [CHALLENGE]) + PROVEN + answer('200 OK');
      const { port, end } = await phone(steps, protocol);
      assert.equal((await notify(request(port, protocol))).status, 200);
      assert.equal(await end, 0);
    });
  }

  it('SIPp refuses the event with 489', async function () {
    skipWithout(this, 'sipp', '-v');
    const { port, end } = await phone(RECEIVE + answer('489 Bad Event', ['Allow-Events: dialog']), 'udp');
    assert.deepEqual(await notify(request(port, 'udp')), { status: 489, reason: 'Bad Event' });
    assert.equal(await end, 0);
  });

  it('RFC 3261 17.1.2.2: a silent phone is asked again and again, then given up', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const at: number[] = [];
    silent.on('message', () => at.push(performance.now()));
    // Twenty-five times as fast: Timer F is 64 × T1, 32 s.
    const timers: Timers = {
      set: (callback, milliseconds) => setTimeout(callback, milliseconds / 25),
      clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
    };
    const started = performance.now();
    const waited = notify(request(silent.address().port, 'udp'), timers);
    await assert.rejects(waited, { code: 'timeout' });
    silent.close();
    // Retransmitted after T1, 2 T1, 4 T1, then every T2: eleven messages in all.
    assert.ok(performance.now() - started >= 1250);
    assert.ok(at.length >= 9 && at.length <= 12, `${at.length} messages`);
  });

  it('tshark reads what we send, over UDP and TCP, and finds nothing malformed', async function () {
    skipWithout(this, 'tshark', '--version');
    const content = { contentType: 'application/xml', body: '<YealinkIPPhoneStatus>ä</YealinkIPPhoneStatus>' };
    const packets = [
      ...(await sentOverUdp(request(0, 'udp'))),
      ...(await sentOverUdp(request(0, 'udp', { event: 'Yealink-xml', user: 'a b;c', ...content }))),
      ...(await sentOverTcp(request(0, 'tcp'))),
    ];
    assert.ok(packets.length >= 5);
    const file = join(folder, 'sent.pcap');
    await writeFile(file, pcap(packets));
    const options = ['-r', file, '-d', 'udp.port==5060,sip', '-T', 'fields', '-E', 'separator=|'];
    const fields = [
      'frame.number',
      'sip.Method',
      'sip.Event',
      'sip.CSeq.method',
      '_ws.malformed',
      '_ws.expert.message',
    ];
    const { stdout } = await run('tshark', [...options, ...fields.flatMap((field) => ['-e', field])]);
    const rows = stdout.trimEnd().split('\n');
    assert.equal(rows.length, packets.length, stdout);
    for (const row of rows) {
      const [, method, event, sequence, malformed] = row.split('|');
      assert.deepEqual([method, sequence, malformed], ['NOTIFY', 'NOTIFY', ''], row);
      assert.match(event ?? '', /^(?:check-sync;reboot=true|Yealink-xml)$/);
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What goes over the wire until a 200 comes: the request, challenged once. */
async function sentOverUdp(wanted: SipNotify): Promise<readonly Buffer[]> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const sent: Buffer[] = [];
  socket.on('message', (bytes, { port, address }) => {
    sent.push(bytes);
    socket.send(reply(bytes, sent.length === 1 ? 401 : 200), port, address);
  });
  await notify({ ...wanted, port: socket.address().port });
  socket.close();
  return sent;
}

async function sentOverTcp(wanted: SipNotify): Promise<readonly Buffer[]> {
  const sent: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('data', (bytes) => {
      sent.push(bytes);
      socket.write(reply(bytes, 200));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await notify({ ...wanted, port: typeof address === 'object' && address !== null ? address.port : 0 });
  server.close();
  return sent;
}

function reply(message: Buffer, status: 200 | 401): string {
  const copied = message
    .toString('utf8')
    .split('\r\n')
    .filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line));
  const challenge = status === 401 ? [CHALLENGE] : [];
  return `SIP/2.0 ${status} X\r\n${[...copied, ...challenge, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}

/** A capture file (libpcap 2.4, raw IPv4) in which each message is a datagram to port 5060. */
function pcap(messages: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(101, 20);
  return Buffer.concat([head, ...messages.flatMap((message, index) => packet(message, index))]);
}

function packet(message: Buffer, index: number): readonly Buffer[] {
  const ip = Buffer.alloc(28);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(28 + message.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(17, 9);
  ip.set([127, 0, 0, 1, 127, 0, 0, 2], 12);
  ip.writeUInt16BE(5062, 20);
  ip.writeUInt16BE(5060, 22);
  ip.writeUInt16BE(8 + message.length, 24);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(index, 0);
  record.writeUInt32LE(ip.length + message.length, 8);
  record.writeUInt32LE(ip.length + message.length, 12);
  return [record, ip, message];
}
