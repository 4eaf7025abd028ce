import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import fc from 'fast-check';
import { parseSyslog, SyslogFrames } from '../../src/server/syslog/message.ts';
import { SyslogReceiver } from '../../src/server/syslog/receiver.ts';
import { selfSigned } from '../net/fake-phone.ts';

const text = (body: string) => parseSyslog(Buffer.from(body));

describe('syslog: messages', () => {
  it('reads RFC 5424 and RFC 3164, and what phones make of them', () => {
    const modern = text('<165>1 2026-11-22T02:00:00Z phone app - - - 0004f2abcdef|sip|4|00|Registered');
    assert.deepEqual([modern.severity, modern.macs], [5, ['0004f2abcdef']]);
    const cisco = text('<134>Nov 22 02:00:00 CP-78xx-3PCC 00:0e:08:ab:cd:ef -- Requesting resync https://x/');
    assert.deepEqual([cisco.severity, cisco.macs], [6, ['000e08abcdef']]);
    const yealink = text('<131>Nov 22 02:00:00 [00:15:65:11:22:33] SIP[790]: ANY <4> register');
    assert.deepEqual(yealink.macs, ['001565112233']);
    assert.deepEqual(text('no priority at all'), { severity: null, macs: [], text: 'no priority at all' });
    assert.equal(text('<999>odd').severity, null);
  });

  it('leaves no control character and no second line', () => {
    const { text: clean } = text('<14>a\u001b[2Jb\nc\u0007\n');
    assert.equal(clean, 'a [2Jb c ');
  });

  it('takes anything without falling over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.doesNotMatch(parseSyslog(bytes).text, /[\n\r\0]/);
      }),
    );
  });

  it('RFC 6587: divides a stream however it is cut', () => {
    const messages = ['<14>first', '<15>second one', '<16>third'];
    const counted = messages.map((message) => `${message.length} ${message}`).join('');
    const lines = messages.map((message) => `${message}\n`).join('');
    fc.assert(
      fc.property(fc.constantFrom(counted, lines), fc.integer({ min: 1, max: 9 }), (stream, size) => {
        const frames = new SyslogFrames();
        const found: string[] = [];
        for (let at = 0; at < stream.length; at += size) {
          for (const frame of frames.push(Buffer.from(stream.slice(at, at + size))) ?? [])
            found.push(Buffer.from(frame).toString());
        }
        assert.deepEqual(found, messages);
      }),
    );
    assert.equal(new SyslogFrames().push(Buffer.alloc(40_000, 'x')), undefined);
  });
});

describe('syslog: the receiver', () => {
  let folder: string;
  let receiver: SyslogReceiver;
  let port: number;
  let securePort: number;
  let now: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phonectl-syslog-'));
    now = Date.UTC(2026, 10, 22, 2);
    const { cert, key } = await selfSigned('server');
    receiver = await SyslogReceiver.start({
      plain: { host: '127.0.0.1', port: 0 },
      secure: { listen: { host: '127.0.0.1', port: 0 }, tls: { cert, key } },
      folder,
      now: () => now,
      deviceOf: async (macs) => (macs.includes('0004f2000001') ? 7 : undefined),
      onTrouble: (message) => assert.fail(message),
    });
    [port = 0, securePort = 0] = receiver.addresses.map((each) => each.port);
  });
  afterEach(async () => {
    await receiver[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function received(count: number): Promise<void> {
    const deadline = Date.now() + 5000;
    while (receiver.statistics.received < count) {
      assert.ok(Date.now() < deadline, `${receiver.statistics.received} of ${count} came`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('files what comes over UDP, TCP and TLS by device; what nobody sent, apart', async () => {
    const udp = createSocket('udp4');
    udp.send('<14>Nov 22 02:00:00 0004f2000001|so|4|00|by UDP', port, '127.0.0.1');
    udp.send('<14>Nov 22 02:00:00 whoever', port, '127.0.0.1');
    const tcp = connect(port, '127.0.0.1');
    tcp.end('<14>0004f2000001 by TCP\n');
    const tls = connectSecurely({ port: securePort, host: '127.0.0.1', rejectUnauthorized: false });
    await once(tls, 'secureConnect');
    tls.end('<14>0004f2000001 by TLS\n');
    await received(4);
    udp.close();
    await receiver[Symbol.asyncDispose]();
    const own = await readFile(join(folder, '7', '2026-11-22.log'), 'utf8');
    for (const way of ['UDP', 'TCP', 'TLS']) assert.match(own, new RegExp(`127\\.0\\.0\\.1 6 .*by ${way}\n`));
    assert.match(await readFile(join(folder, 'unknown', '2026-11-22.log'), 'utf8'), /whoever/);
  });

  it('takes no more than 200 messages a second from one address', async () => {
    const tcp = connect(port, '127.0.0.1');
    tcp.end('<14>0004f2000001 flood\n'.repeat(500));
    await received(500);
    assert.equal(receiver.statistics.dropped, 300);
  });

  it('DIAG-10: keeps seven days', async () => {
    await receiver[Symbol.asyncDispose]();
    await mkdir(join(folder, '7'), { recursive: true });
    for (const day of ['14', '15', '22']) await writeFile(join(folder, '7', `2026-11-${day}.log`), 'x\n');
    const { SyslogFiles } = await import('../../src/server/syslog/files.ts');
    await new SyslogFiles(folder).prune(now);
    assert.deepEqual(await readdir(join(folder, '7')), ['2026-11-15.log', '2026-11-22.log']);
  });
});
