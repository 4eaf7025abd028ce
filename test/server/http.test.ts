/** The wire: conditions, ranges, uploads, Digest, odd framing, slow and greedy clients. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Answer, basic, connectTcp, type TestPhone, TestServer, USER_AGENTS, until } from './support.ts';

describe('the wire', function () {
  this.timeout(40_000);
  let fleet: TestServer;
  let phone: TestPhone;
  let other: TestPhone;
  let path: string;
  const userAgent = USER_AGENTS.poly;

  before(async () => {
    fleet = await TestServer.start();
    [phone, other] = (await fleet.phones('poly', 2)) as [TestPhone, TestPhone];
    path = `/${phone.mac}-phonectl.cfg`;
  });
  after(() => fleet[Symbol.asyncDispose]());

  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    fleet.ask(path, { login: phone.login, userAgent, headers, method });

  describe('files', () => {
    it('HEAD, ETag, Last-Modified, 304, 412', async () => {
      const whole = await get();
      const { etag = '', 'last-modified': modified = '' } = whole.headers;
      assert.match(etag, /^"[\w-]+"$/);
      const head = await get({}, 'HEAD');
      assert.deepEqual(
        [head.status, head.body.length, Number(head.headers['content-length'])],
        [200, 0, whole.body.length],
      );
      assert.equal((await get({ 'if-none-match': etag })).status, 304);
      assert.equal((await get({ 'if-none-match': '"other", W/"x"' })).status, 200);
      assert.equal((await get({ 'if-modified-since': modified })).status, 304);
      assert.equal((await get({ 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).status, 200);
      assert.equal((await get({ 'if-none-match': '"other"', 'if-modified-since': modified })).status, 200);
      assert.equal((await get({ 'if-match': '"other"' })).status, 412);
      assert.equal((await get({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).status, 412);
    });

    it('the same file twice in a moment (T54W) is one fetch, and the phone was here the second time', async () => {
      const { id, login } = other;
      const file = `/${other.mac}-phonectl.cfg`;
      const servedAt = async (): Promise<number | undefined> => {
        const [device] = await fleet.installation.store.read.devices.byIds([id], 'all');
        return device?.facts.servedAt ?? undefined;
      };
      await fleet.ask(file, { login, userAgent });
      const first = await until('the first fetch is noted', servedAt);
      await fleet.ask(file, { login, userAgent });
      await until('the second is noted', async () => ((await servedAt())! > first ? true : undefined));
      assert.equal((await fleet.evidence(id)).filter(({ kind }) => kind === 'fetch').length, 1);
    });

    it('one range, its ends, If-Range, and 416', async () => {
      const whole = (await get()).body;
      const { etag = '' } = (await get()).headers;
      for (const [range, start, end] of [
        ['bytes=0-99', 0, 100],
        ['bytes=100-', 100, whole.length],
        ['bytes=-50', whole.length - 50, whole.length],
        ['bytes=10-99999999', 10, whole.length],
      ] as const) {
        const part = await get({ range });
        assert.equal(part.status, 206, range);
        assert.equal(part.headers['content-range'], `bytes ${start}-${end - 1}/${whole.length}`);
        assert.deepEqual(part.body, whole.subarray(start, end), range);
      }
      assert.equal((await get({ range: `bytes=${whole.length}-` })).status, 416);
      assert.equal((await get({ range: 'bytes=-0' })).status, 416);
      for (const range of ['bytes=0-1,5-6', 'bytes=5-1', 'items=0-1', 'bytes=-']) {
        assert.equal((await get({ range })).status, 200, range);
      }
      assert.equal((await get({ range: 'bytes=0-9', 'if-range': etag })).status, 206);
      assert.equal((await get({ range: 'bytes=0-9', 'if-range': '"old"' })).status, 200);
    });

    it('405 names the methods; the query is no part of the name', async () => {
      const answer = await get({}, 'DELETE');
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, HEAD, PUT, POST']);
      assert.equal((await fleet.ask(`${path}?prvst=1`, { login: phone.login })).status, 200);
    });
  });

  describe('uploads', () => {
    const put = (name: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
      fleet.ask(`/${name}`, { method: 'PUT', login: phone.login, userAgent, body, headers });

    it('keeps a log, tells its size, appends to it, and gives it to nobody', async () => {
      const name = `${phone.mac}-app.log`;
      assert.equal((await put(name, 'first\n')).status, 201);
      const head = await fleet.ask(`/${name}`, { method: 'HEAD', login: phone.login, userAgent });
      assert.deepEqual([head.status, head.headers['content-length']], [200, '6']);
      assert.equal((await put(name, 'more\n', { 'content-range': 'bytes 6-10/11' })).status, 200);
      assert.equal((await put(name, 'x', { 'content-range': 'bytes 500-500/501' })).status, 416);
      assert.equal((await put(name, 'x', { 'content-range': 'bytes x' })).status, 400);
      const stored = join(fleet.home.path, 'uploads', String(phone.id), name);
      assert.equal(readFileSync(stored, 'utf8'), 'first\nmore\n');
      assert.equal((await fleet.ask(`/${name}`, { login: phone.login, userAgent })).status, 404);
      assert.equal((await fleet.ask(`/${name}`, { method: 'HEAD', login: other.login, userAgent })).status, 404);
      assert.equal((await put(name, 'whole again')).status, 200);
      assert.equal(readFileSync(stored, 'utf8'), 'whole again');
      const [row] = await fleet.installation.store.read.uploads.list(phone.id);
      assert.deepEqual(
        [row?.kind, row?.size, row?.sha256],
        ['log', 11, createHash('sha256').update('whole again').digest('hex')],
      );
      await until(
        'evidence',
        async () => (await fleet.evidence(phone.id)).some(({ kind }) => kind === 'upload') || undefined,
      );
    });

    it('W-01, decision 7: takes own names of the list only, and a phone’s overrides never become configuration', async () => {
      const before = (await get()).body;
      for (const name of [
        `${other.mac}-app.log`,
        'app.log',
        'shell.php',
        `${phone.mac}.cfg`,
        `${phone.mac}-phonectl.cfg`,
        '000000000000.cfg',
        `../${phone.mac}-app.log`,
        `%2e%2e/${phone.mac}-app.log`,
        `${phone.mac}-app.log%00.php`,
        `${phone.mac}-app.log/x`,
        `uploads/${phone.mac}-app.php`,
        ...Array.from({ length: 200 }, (_, n) => `${phone.mac}-${n}.log`),
      ]) {
        assert.equal((await put(name, 'evil')).status, 404, name);
      }
      const override = '<PHONE_CONFIG><ALL device.prov.serverName="http://evil/" /></PHONE_CONFIG>';
      assert.ok((await put(`${phone.mac}-web.cfg`, override)).status < 300);
      assert.deepEqual((await get()).body, before);
      const files = readdirSync(join(fleet.home.path, 'uploads', String(phone.id))).sort();
      assert.deepEqual(files, [`${phone.mac}-app.log`, `${phone.mac}-web.cfg`]);
      assert.ok(!existsSync(join(fleet.home.path, 'uploads', String(other.id))));
    });

    it('ALARM-09: what is left of a crash has a folder of its own, for so many of a phone', async () => {
      for (const name of ['core', 'core/', 'core/a/b', 'core/..%2fx', 'core/.x', 'cores/x', 'core/a%20b'])
        assert.equal((await put(name, 'x')).status, 404, name);
      for (let number = 1; number <= 20; number++)
        assert.equal((await put(`core/${phone.mac}-${number}.gz`, 'ELF')).status, 201);
      assert.equal((await put('core/one-more.gz', 'ELF')).status, 507);
      assert.equal((await put(`core/${phone.mac}-1.gz`, 'ELF again')).status, 200);
      assert.equal((await fleet.ask(`/core/${phone.mac}-1.gz`, { login: phone.login, userAgent })).status, 404);
      const kinds = (await fleet.installation.store.read.uploads.list(phone.id)).map(({ kind }) => kind);
      assert.equal(kinds.filter((kind) => kind === 'crash').length, 20);
    });

    it('refuses ten gigabytes before they come, and an endless body when it is too much', async () => {
      const head =
        `PUT /${phone.mac}-app.log HTTP/1.1\r\nhost: x\r\nauthorization: ${basic(phone.login)}\r\n` +
        `user-agent: ${userAgent}\r\n`;
      const expected = await fleet.raw(`${head}content-length: 10737418240\r\nexpect: 100-continue\r\n\r\n`);
      assert.match(expected, /^HTTP\/1\.1 413 /);
      const declared = await fleet.raw(`${head}content-length: 10737418240\r\n\r\nsome`);
      assert.match(declared, /^HTTP\/1\.1 413 /);
      const endless = await chunkedWithoutEnd(fleet, head);
      assert.ok(endless.sent <= 40 * 1024 * 1024, `${endless.sent} bytes were taken`);
      assert.match(endless.answer, /^(?:HTTP\/1\.1 413 |$)/);
      const stored = join(fleet.home.path, 'uploads', String(phone.id));
      assert.ok(
        readdirSync(stored).every((name) => !name.endsWith('.new')),
        'nothing half stays',
      );
    });

    it('takes the file out of a form; a form without one is refused', async () => {
      const name = `${phone.mac}-boot.log`;
      const type = { 'content-type': 'multipart/form-data; boundary=b' };
      const head = '--b\r\nContent-Disposition: form-data; name="f"';
      assert.equal((await put(name, `${head}; filename="x"\r\n\r\nlog\r\n--b--\r\n`, type)).status, 201);
      const stored = join(fleet.home.path, 'uploads', String(phone.id), name);
      assert.equal(readFileSync(stored, 'utf8'), 'log');
      assert.equal((await put(name, `${head}\r\n\r\nlog\r\n--b--\r\n`, type)).status, 400);
      assert.equal(readFileSync(stored, 'utf8'), 'log');
    });

    it('refuses a compressed body and an unauthenticated one', async () => {
      assert.equal((await put(`${phone.mac}-app.log`, 'x', { 'content-encoding': 'gzip' })).status, 415);
      assert.equal((await fleet.ask(`/${phone.mac}-app.log`, { method: 'PUT', body: 'x' })).status, 401);
    });
  });

  describe('Digest', () => {
    it('lets the phone in, once per count', async () => {
      const nonce = await nonceOf(fleet, path);
      const header = digest(phone, nonce, 1, path);
      assert.equal((await fleet.ask(path, { headers: { authorization: header } })).status, 200);
      assert.equal((await fleet.ask(path, { headers: { authorization: header } })).status, 401, 'same count again');
      const next = digest(phone, nonce, 2, path);
      assert.equal((await fleet.ask(path, { headers: { authorization: next } })).status, 200);
      const stale = await fleet.ask(path, { headers: { authorization: header } });
      assert.match(String(stale.headers['www-authenticate']), /stale=true/);
    });

    it('S-09: a captured header opens nothing else: 1,000 replays', async () => {
      const nonce = await nonceOf(fleet, path);
      const header = digest(phone, nonce, 1, path);
      assert.equal((await fleet.ask(path, { headers: { authorization: header } })).status, 200);
      const fresh = digest(phone, nonce, 9, path);
      for (const [asked, target] of [
        [{ headers: { authorization: fresh } }, `/${phone.mac}.cfg`],
        [{ headers: { authorization: fresh }, from: '127.0.0.3' }, path],
        [{ headers: { authorization: fresh }, method: 'HEAD' }, path],
        [{ headers: { authorization: fresh.replace(nonce, `${nonce}x`) } }, path],
        [{ headers: { authorization: digest(phone, 'made.up.nonce', 1, path) } }, path],
      ] as const) {
        assert.equal((await fleet.ask(target, asked)).status, 401, target);
      }
      const agents = [1, 2, 3, 4].map(() => new Agent({ keepAlive: true, ca: fleet.ca }));
      let opened = 0;
      await Promise.all(
        agents.map(async (agent) => {
          for (let n = 0; n < 250; n += 1) {
            const { status } = await fleet.ask(path, { headers: { authorization: header }, agent });
            if (status !== 401) opened += 1;
          }
        }),
      );
      for (const agent of agents) agent.destroy();
      assert.equal(opened, 0);
    });

    it('S-09: a nonce dies after five minutes', async () => {
      const { DigestNonces } = await import('../../src/server/digest.ts');
      let now = Date.UTC(2026, 0, 1);
      const nonces = new DigestNonces(() => now);
      const nonce = nonces.issue('192.0.2.1');
      assert.ok(nonces.isFresh(nonce, '192.0.2.1'));
      assert.ok(!nonces.isFresh(nonce, '192.0.2.2'));
      assert.ok(!new DigestNonces(() => now).isFresh(nonce, '192.0.2.1'), 'of another process');
      now += 5 * 60_000 + 1;
      assert.ok(!nonces.isFresh(nonce, '192.0.2.1'));
    });
  });

  describe('hostile clients', () => {
    it('I-08: odd framing is a 400 and the end of the connection', async () => {
      for (const bytes of [
        'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
        'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc',
        'GET / HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n',
        'GET / HTTP/1.1\r\nhost: x\nx: y\r\ntransfer-encoding: xchunked\r\n\r\n',
        `GET / HTTP/1.1\r\nhost: x\r\nbig: ${'a'.repeat(20_000)}\r\n\r\n`,
        'BOGUS\r\n\r\n',
      ]) {
        const text = await fleet.raw(bytes);
        assert.match(text, /^HTTP\/1\.1 4(?:00|31) /, bytes.slice(0, 60));
        assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1, 'one answer, nothing after it');
      }
    });

    it('I-07: hostile requests are one JSON line each', async () => {
      const from = fleet.log.length;
      const hostile = ['\u001b[31m', '"}{', '%0d%0aevil: x', 'a'.repeat(2_000), '%e2%80%ae', '</script>'];
      for (const text of hostile) {
        await fleet.raw(
          `GET /${encodeURI(text)} HTTP/1.1\r\nhost: x\r\nuser-agent: ${text.replace(/[^\x20-\x7e]/g, '\t')}\r\nconnection: close\r\n\r\n`,
        );
      }
      const entries = await until('log', () => {
        const added = fleet.log.slice(from);
        return added.length >= hostile.length ? added : undefined;
      });
      for (const entry of entries) {
        const line = JSON.stringify(entry);
        assert.ok(!/[\r\n]/.test(line));
        assert.equal(JSON.parse(line).status, 401);
      }
    });

    it('I-01: XML bombs and external entities sent as an event cost nothing and reach nothing', async () => {
      const lol = Array.from(
        { length: 10 },
        (_, n) => `<!ENTITY l${n} "${n === 0 ? 'lol' : `&l${n - 1};`.repeat(10)}">`,
      );
      const bombs = [
        `<?xml version="1.0"?><!DOCTYPE x [${lol.join('')}]><PolycomIPPhone>&l9;</PolycomIPPhone>`,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x"><PolycomIPPhone/>',
        `<PolycomIPPhone>${'<a>'.repeat(50_000)}`,
        `<PolycomIPPhone ${Array.from({ length: 20_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`,
        Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><x/>', 'utf16le'),
      ];
      for (const body of bombs) {
        const start = performance.now();
        const { status } = await fleet.ask(`/e/${phone.eventSecret}`, { method: 'POST', body });
        assert.equal(status, 200);
        assert.ok(performance.now() - start < 500);
      }
      const large = await fleet.ask(`/e/${phone.eventSecret}`, { method: 'POST', body: Buffer.alloc(1_100_000, 'a') });
      assert.equal(large.status, 413);
      assert.ok((await fleet.evidence(phone.id)).every(({ kind }) => kind !== 'registered'));
    });

    it('F-07: silent and dripping connections end within 15 s; phones are served meanwhile', async () => {
      const started = performance.now();
      const ended: Promise<number>[] = [];
      const finished = (socket: Socket): Promise<number> =>
        new Promise((resolve) => socket.on('close', () => resolve(performance.now() - started)));
      const timers: NodeJS.Timeout[] = [];
      const sockets: Socket[] = [];
      for (let n = 0; n < 20; n += 1) {
        const silent = connectTcp(fleet.port, '127.0.0.1');
        silent.on('error', () => silent.destroy());
        ended.push(finished(silent));
        sockets.push(silent);
        const drip = connectTls({ host: '127.0.0.1', port: fleet.port, ca: fleet.ca });
        drip.on('error', () => drip.destroy());
        ended.push(finished(drip));
        sockets.push(drip);
        drip.write('GET / HTTP/1.1\r\nx: ');
        timers.push(setInterval(() => drip.writable && drip.write('a'), 500));
      }
      const times: number[] = [];
      while (performance.now() - started < 1_500) {
        const start = performance.now();
        assert.equal((await get()).status, 200);
        times.push(performance.now() - start);
      }
      const late = new Promise<number[]>((resolve) => setTimeout(resolve, 16_000, [Number.POSITIVE_INFINITY]).unref());
      const all = await Promise.race([Promise.all(ended), late]);
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      assert.ok(Math.max(...all) < 15_500, `the last one went after ${Math.max(...all)} ms`);
      times.sort((a, b) => a - b);
      assert.ok((times[Math.floor(times.length * 0.99)] ?? 0) < 100);
    });

    it('wrong passwords from an address do not lock out the phones behind it', async () => {
      for (let n = 0; n < 300; n += 1) {
        await fleet.ask(path, { login: { username: phone.login.username, password: `wrong ${n}` } });
      }
      assert.equal((await get()).status, 200);
    });
  });
});

async function nonceOf(fleet: TestServer, path: string): Promise<string> {
  const { rawHeaders } = await fleet.ask(path);
  const challenge = rawHeaders.find((text) => text.startsWith('Digest ')) ?? '';
  return /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
}

/** RFC 7616, 3.4, with MD5 as phones do. */
function digest({ login }: TestPhone, nonce: string, count: number, uri: string): string {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const secret = md5(`${login.username}:phones:${login.password}`);
  const response = md5(`${secret}:${nonce}:${nc}:c0ffee:auth:${md5(`GET:${uri}`)}`);
  return (
    `Digest username="${login.username}", realm="phones", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, ` +
    `cnonce="c0ffee", response="${response}", algorithm=MD5`
  );
}

/** Until more can be written, or nothing ever. */
function drained(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    function done(): void {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    }
    socket.on('drain', done);
    socket.on('close', done);
  });
}

async function chunkedWithoutEnd(fleet: TestServer, head: string): Promise<{ sent: number; answer: string }> {
  const socket = connectTls({ host: '127.0.0.1', port: fleet.port, ca: fleet.ca });
  await once(socket, 'secureConnect');
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => socket.destroy());
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]);
  let sent = 0;
  while (!closed && answer === '' && sent < 200 * 1024 * 1024) {
    sent += 65_536;
    if (!socket.write(chunk)) await drained(socket);
  }
  socket.destroy();
  return { sent, answer };
}
