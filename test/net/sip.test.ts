import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { notify } from '../../src/net/sip/client.ts';
import { formatRequest, frameLength, header, parseMessage, type SipMessage } from '../../src/net/sip/message.ts';
import { type Channel, TIMER_F, type Timers, transact } from '../../src/net/sip/transaction.ts';
import type { SipNotify } from '../../src/vendors/transport.ts';

const signal = new AbortController().signal;

function message(text: string): SipMessage {
  const parsed = parseMessage(Buffer.from(text.replace(/\n/g, '\r\n')));
  assert.ok(parsed);
  return parsed;
}

/** An answer to a request as a phone gives it: Via, From, To, Call-ID, CSeq copied (RFC 3261 section 8.2.6). */
function answer(request: Buffer, status: string, more: readonly string[] = []): Buffer {
  const parsed = parseMessage(request);
  assert.ok(parsed);
  const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map((name) => `${name}: ${header(parsed, name)}`);
  return Buffer.from([`SIP/2.0 ${status}`, ...copied, ...more, 'Content-Length: 0', '', ''].join('\r\n'));
}

const CHECK_SYNC: SipNotify = {
  host: '127.0.0.1',
  port: 0,
  protocol: 'udp',
  user: '1001',
  domain: 'pbx.example.net',
  event: 'check-sync;reboot=true',
  signal,
};

/** Time that stands until it is moved. */
class FakeTimers implements Timers {
  #now = 0;
  #queue: { at: number; callback: () => void }[] = [];
  set(callback: () => void, milliseconds: number): unknown {
    const entry = { at: this.#now + milliseconds, callback };
    this.#queue.push(entry);
    return entry;
  }
  clear(timer: unknown): void {
    this.#queue = this.#queue.filter((entry) => entry !== timer);
  }
  get now(): number {
    return this.#now;
  }
  get waiting(): number {
    return this.#queue.length;
  }
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (;;) {
      const next = this.#queue.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = next.at;
      this.clear(next);
      next.callback();
    }
    this.#now = until;
  }
}

class FakeChannel implements Channel {
  readonly reliable: boolean;
  readonly sentAt: number[] = [];
  readonly #timers: FakeTimers;
  #listener: (bytes: Buffer) => void = () => undefined;
  constructor(timers: FakeTimers, reliable = false) {
    this.#timers = timers;
    this.reliable = reliable;
  }
  send(): void {
    this.sentAt.push(this.#timers.now);
  }
  onMessage(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
  }
  onError(): void {}
  receive(text: string): void {
    this.#listener(Buffer.from(text.replace(/\n/g, '\r\n')));
  }
}

const TRANSACTION = { request: Buffer.from('x'), branch: 'z9hG4bK-1', cseq: '1 NOTIFY', signal };
const FINAL = 'SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-1;rport=5060\nCSeq: 1 NOTIFY\n\n';

describe('net: SIP messages', () => {
  it('reads compact names, folded lines, LF alone and bytes after the body', () => {
    const parsed = message('SIP/2.0 200 OK\nv: SIP/2.0/UDP a;branch=b\nf: <sip:x>\n\t;tag=1\nl: 2\n\nhi  padding');
    assert.equal(header(parsed, 'via'), 'SIP/2.0/UDP a;branch=b');
    assert.equal(header(parsed, 'from'), '<sip:x> ;tag=1');
    assert.equal(parsed.body.toString(), 'hi');
    assert.ok(parseMessage(Buffer.from('SIP/2.0 489 Bad Event\nVia: x\n\n')));
  });

  it('knows when a stream holds a whole message', () => {
    const bytes = Buffer.from('SIP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nbodySIP/2.0');
    assert.equal(frameLength(bytes), bytes.indexOf('SIP/2.0', 5));
    assert.equal(frameLength(bytes.subarray(0, 40)), 0);
    assert.equal(frameLength(Buffer.from('GET / HTTP/1.1\r\n\r\n')), undefined);
    assert.equal(frameLength(Buffer.from('SIP/2.0 200 OK\r\nContent-Length: 99999999\r\n\r\n')), undefined);
  });

  it('never throws and never hangs, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseMessage(Buffer.from(bytes));
        frameLength(Buffer.from(bytes));
      }),
    );
    const lines = fc.array(fc.constantFrom('Via', ':', ' ', '\r\n', '\n', '\t', 'SIP/2.0 200 OK', 'l:-1', '\0', '€'));
    fc.assert(
      fc.property(lines, (parts) => {
        parseMessage(Buffer.from(`SIP/2.0 200 OK\r\n${parts.join('')}\r\n\r\n`));
      }),
    );
    const started = performance.now();
    parseMessage(Buffer.from(`SIP/2.0 200 OK\r\n${' \n'.repeat(30_000)}\r\n\r\n`));
    parseMessage(Buffer.from(`SIP/2.0 200 OK\r\n${'a:b\r\n'.repeat(12_000)}\r\n`));
    assert.ok(performance.now() - started < 500);
  });

  it('reads back what it writes; no value adds a header', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, text, (uri, value, body) => {
        const parts = { method: 'NOTIFY', uri: `sip:${uri}`, headers: [['Event', value] as const], body };
        let bytes: Buffer;
        try {
          bytes = formatRequest(parts);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'invalid_input');
          assert.ok(/[\u0000-\u0020\u007f-\uffff]/.test(uri + value));
          return;
        }
        const parsed = parseMessage(bytes);
        assert.ok(parsed);
        assert.deepEqual(
          parsed.headers.map(([name]) => name),
          ['event', 'content-length'],
        );
        assert.equal(header(parsed, 'event'), Buffer.from(value, 'utf8').toString('utf8').trim());
        assert.deepEqual(parsed.body, Buffer.from(body, 'utf8'));
      }),
    );
  });
});

describe('net: SIP transactions (RFC 3261 section 17.1.2)', () => {
  it('repeats over UDP after 0.5, 1, 2, 4, 4 … s and gives up at 32 s', async () => {
    const timers = new FakeTimers();
    const channel = new FakeChannel(timers);
    const result = assert.rejects(transact(channel, { ...TRANSACTION, timers }), { code: 'timeout' });
    timers.advance(TIMER_F + 10_000);
    await result;
    assert.deepEqual(channel.sentAt, [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
    assert.equal(timers.waiting, 0);
  });

  it('repeats every 4 s after a provisional answer, and stops at the final one', async () => {
    const timers = new FakeTimers();
    const channel = new FakeChannel(timers);
    const result = transact(channel, { ...TRANSACTION, timers });
    timers.advance(600);
    channel.receive(FINAL.replace('200 OK', '100 Trying'));
    timers.advance(6000);
    channel.receive(FINAL);
    assert.equal((await result).start.kind, 'response');
    timers.advance(60_000);
    assert.deepEqual(channel.sentAt, [0, 500, 1500, 5500]);
  });

  it('sends once over TCP', async () => {
    const timers = new FakeTimers();
    const channel = new FakeChannel(timers, true);
    const result = assert.rejects(transact(channel, { ...TRANSACTION, timers }), { code: 'timeout' });
    timers.advance(TIMER_F);
    await result;
    assert.deepEqual(channel.sentAt, [0]);
  });

  it('takes no answer of another transaction, no request, and no rubbish', async () => {
    const timers = new FakeTimers();
    const channel = new FakeChannel(timers);
    const result = transact(channel, { ...TRANSACTION, timers });
    channel.receive(FINAL.replace('bK-1', 'bK-2'));
    channel.receive(FINAL.replace('1 NOTIFY', '1 OPTIONS'));
    channel.receive('NOTIFY sip:x SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bK-1\nCSeq: 1 NOTIFY\n\n');
    channel.receive('\u0000\u0001');
    channel.receive(FINAL.replace('200 OK', '481 Gone'));
    const { start } = await result;
    assert.equal(start.kind === 'response' && start.status, 481);
  });

  it('stops at once when it is aborted', async () => {
    const timers = new FakeTimers();
    const controller = new AbortController();
    const channel = new FakeChannel(timers);
    const result = transact(channel, { ...TRANSACTION, timers, signal: controller.signal });
    controller.abort(new Error('stop'));
    await assert.rejects(result, /stop/);
    assert.equal(timers.waiting, 0);
  });
});

describe('net: NOTIFY to a phone', () => {
  it('neutral.md 1: has the headers that phones want, and answers a 401 with a new branch and CSeq + 1', async () => {
    const seen: SipMessage[] = [];
    const phone = createSocket('udp4');
    phone.on('message', (bytes, from) => {
      const request = parseMessage(bytes);
      assert.ok(request);
      seen.push(request);
      const challenge = 'WWW-Authenticate: Digest realm="phone", nonce="abc", qop="auth", algorithm=MD5';
      const reply = seen.length === 1 ? answer(bytes, '401 Unauthorized', [challenge]) : answer(bytes, '200 OK');
      phone.send(reply, from.port, from.address);
    });
    await new Promise<void>((resolve) => phone.bind(0, '127.0.0.1', resolve));
    const { port } = phone.address();
    const auth = { username: '1001', password: 'pw' };
    const result = await notify({ ...CHECK_SYNC, port, auth });
    phone.close();
    assert.deepEqual(result, { status: 200, reason: 'OK' });
    const [first, second] = seen;
    assert.ok(first && second && seen.length === 2);
    assert.deepEqual(first.start, { kind: 'request', method: 'NOTIFY', uri: `sip:1001@127.0.0.1:${port}` });
    assert.equal(header(first, 'event'), 'check-sync;reboot=true');
    assert.equal(header(first, 'subscription-state'), 'active');
    assert.equal(header(first, 'to'), '<sip:1001@pbx.example.net>');
    assert.equal(header(first, 'content-length'), '0');
    assert.equal(header(second, 'cseq'), '2 NOTIFY');
    assert.equal(header(second, 'call-id'), header(first, 'call-id'));
    const branch = (found: SipMessage): string | undefined => /branch=([^;]+)/.exec(header(found, 'via') ?? '')?.[1];
    assert.match(branch(first) ?? '', /^z9hG4bK/);
    assert.notEqual(branch(first), branch(second));
    const value = header(second, 'authorization') ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const field = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(value)?.[1] ?? '';
    const secret = md5('1001:phone:pw');
    const target = md5(`NOTIFY:sip:1001@127.0.0.1:${port}`);
    assert.equal(field('response'), md5(`${secret}:abc:00000001:${field('cnonce')}:auth:${target}`));
  });

  it('gives a refusal back as it is, without a loop when the password is wrong', async () => {
    let requests = 0;
    const phone = createSocket('udp4');
    phone.on('message', (bytes, from) => {
      requests += 1;
      const challenge = `WWW-Authenticate: Digest realm="phone", nonce="n${requests}"`;
      phone.send(answer(bytes, '401 Unauthorized', [challenge]), from.port, from.address);
    });
    await new Promise<void>((resolve) => phone.bind(0, '127.0.0.1', resolve));
    const auth = { username: '1001', password: 'wrong' };
    const result = await notify({ ...CHECK_SYNC, port: phone.address().port, auth });
    phone.close();
    assert.equal(result.status, 401);
    assert.equal(requests, 2);
  });

  it('speaks TCP, also when the answer comes in pieces', async () => {
    const phone = createServer((socket) => {
      socket.once('data', (bytes) => {
        const reply = answer(bytes, '202 Accepted');
        socket.write(reply.subarray(0, 20));
        setTimeout(() => socket.write(reply.subarray(20)), 10);
      });
    });
    await new Promise<void>((resolve) => phone.listen(0, '127.0.0.1', resolve));
    const address = phone.address();
    assert.ok(typeof address === 'object' && address !== null);
    const result = await notify({ ...CHECK_SYNC, protocol: 'tcp', port: address.port });
    phone.close();
    assert.deepEqual(result, { status: 202, reason: 'Accepted' });
  });

  it('says unreachable at once when nobody listens', async () => {
    const phone = createSocket('udp4');
    await new Promise<void>((resolve) => phone.bind(0, '127.0.0.1', resolve));
    const { port } = phone.address();
    await new Promise<void>((resolve) => phone.close(resolve));
    await assert.rejects(notify({ ...CHECK_SYNC, port }), { code: 'unreachable' });
    await assert.rejects(notify({ ...CHECK_SYNC, port, protocol: 'tcp' }), { code: 'unreachable' });
  });

  it('lets no user, domain or event add a line', async () => {
    const phone = createSocket('udp4');
    await new Promise<void>((resolve) => phone.bind(0, '127.0.0.1', resolve));
    const { port } = phone.address();
    const evil = 'x\r\nX-Evil: 1';
    await assert.rejects(notify({ ...CHECK_SYNC, port, domain: evil }), { code: 'invalid_input' });
    await assert.rejects(notify({ ...CHECK_SYNC, port, event: evil }), { code: 'invalid_input' });
    phone.close();
  });
});
