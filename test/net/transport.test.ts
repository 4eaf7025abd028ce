import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { deviceTransport } from '../../src/net/transport.ts';
import type { DeviceRequest } from '../../src/vendors/transport.ts';
import { type FakePhone, fakePhone, type Identity, selfSigned } from './fake-phone.ts';

const MAC = '0004f2abcdef';
const AUTH = { username: 'Polycom', password: 'geheim' };
const signal = new AbortController().signal;

let identity: Identity;
const open: { close(): Promise<void> }[] = [];

async function phone(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls = true,
): Promise<FakePhone> {
  const started = await fakePhone(tls ? identity : undefined, handler);
  open.push(started);
  return started;
}

/** A server that says exactly these bytes, whatever is asked. */
async function rawPhone(say: (write: (text: string | Buffer) => void, end: () => void) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      say(
        (text) => socket.write(text),
        () => socket.end(),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

function get(url: string, more: Partial<DeviceRequest> = {}): DeviceRequest {
  return { method: 'GET', url, signal, ...more };
}

function digestPhone(realm: string, password: string, algorithm: 'MD5' | 'SHA-256') {
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  return (request: IncomingMessage, response: ServerResponse): void => {
    const given = request.headers.authorization ?? '';
    const value = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(given)?.[1] ?? '';
    const secret = hash(`${value('username')}:${realm}:${password}`);
    const target = hash(`${request.method}:${request.url}`);
    const expected = hash(`${secret}:n1:${value('nc')}:${value('cnonce')}:auth:${target}`);
    if (value('response') === expected) {
      response.end(`hello ${value('username')}`);
      return;
    }
    response.writeHead(401, {
      'www-authenticate': [
        `Digest realm="${realm}", nonce="n1", qop="auth", algorithm=${algorithm}`,
        'Basic realm="x"',
      ],
    });
    response.end('who?');
  };
}

describe('net: device transport over HTTP', () => {
  before(async () => {
    identity = await selfSigned(MAC.toUpperCase());
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });

  it('asks first and sends Basic only when challenged, over one connection', async () => {
    const seen: (string | undefined)[] = [];
    const target = await phone((request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="p"' });
      response.end('done');
    });
    const body = '{"data":{}}';
    const answer = await deviceTransport().http({ method: 'POST', url: `${target.url}/api`, auth: AUTH, body, signal });
    assert.equal(answer.status, 200);
    assert.deepEqual(seen, [undefined, `Basic ${Buffer.from('Polycom:geheim').toString('base64')}`]);
    assert.equal(target.connections, 1);
  });

  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    it(`answers a Digest challenge (${algorithm}) and prefers it to Basic`, async () => {
      const target = await phone(digestPhone('edge', 'geheim', algorithm));
      const answer = await deviceTransport().http(get(`${target.url}/a?b=c`, { auth: AUTH }));
      assert.equal(Buffer.from(answer.body).toString(), 'hello Polycom');
      const wrong = await deviceTransport().http(get(target.url, { auth: { ...AUTH, password: 'falsch' } }));
      assert.equal(wrong.status, 401);
    });
  }

  it('opens a new connection for the answer when the phone closes after the challenge', async () => {
    const target = await phone((request, response) => {
      response.setHeader('connection', 'close');
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="p"' });
      response.end();
    });
    assert.equal((await deviceTransport().http(get(target.url, { auth: AUTH }))).status, 200);
    assert.equal(target.connections, 2);
  });

  it('never sends Basic over plain HTTP unless asked to', async () => {
    let secrets = 0;
    const target = await phone((request, response) => {
      if (request.headers.authorization !== undefined) secrets += 1;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="p"' });
      response.end();
    }, false);
    await assert.rejects(deviceTransport().http(get(target.url, { auth: AUTH })), { code: 'unreachable' });
    assert.equal(secrets, 0);
    assert.equal((await deviceTransport({ plainBasic: true }).http(get(target.url, { auth: AUTH }))).status, 401);
    assert.equal(secrets, 1);
  });

  it('refuses a phone whose certificate names another MAC, before a byte is sent', async () => {
    let requests = 0;
    const target = await phone((_, response) => {
      requests += 1;
      response.end();
    });
    const transport = deviceTransport();
    await assert.rejects(transport.http(get(target.url, { pinnedMac: '0004f2000001' })), { code: 'certificate' });
    assert.equal(requests, 0);
    assert.equal((await transport.http(get(target.url, { pinnedMac: MAC }))).status, 200);
  });

  it('wants a signature of the authorities of the vendor where there are any', async () => {
    const target = await phone((_, response) => response.end());
    const { cert } = await selfSigned('Other CA');
    const authority = (pem: string) => ({ vendor: 'poly', pem, allowExpired: false });
    const other = deviceTransport({ authorities: [authority(cert)] });
    await assert.rejects(other.http(get(target.url, { vendor: 'poly' })), { code: 'certificate' });
    // The authority vouches for its own vendor's phones; nobody said who signs the others.
    assert.equal((await other.http(get(target.url, { vendor: 'yealink' }))).status, 200);
    const right = deviceTransport({ authorities: [authority(cert), authority(identity.cert)] });
    assert.equal((await right.http(get(target.url, { vendor: 'poly' }))).status, 200);
  });

  it('handles one request at a time per phone', async () => {
    let running = 0;
    let most = 0;
    const target = await phone((_, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.end();
      }, 15);
    });
    const transport = deviceTransport();
    await Promise.all(Array.from({ length: 6 }, () => transport.http(get(target.url))));
    assert.equal(most, 1);
  });

  it('follows a redirect on the same host only, and never one of a POST', async () => {
    const target = await phone((request, response) => {
      const to = { '/same': '/end', '/other': 'http://169.254.169.254/latest/', '/loop': '/loop' }[request.url ?? ''];
      if (to !== undefined) response.writeHead(302, { location: to });
      response.end(request.url);
    });
    const transport = deviceTransport();
    assert.equal(Buffer.from((await transport.http(get(`${target.url}/same`))).body).toString(), '/end');
    await assert.rejects(transport.http(get(`${target.url}/other`)), /another host/);
    await assert.rejects(transport.http(get(`${target.url}/loop`)), /again and again/);
    assert.equal((await transport.http({ method: 'POST', url: `${target.url}/same`, signal })).status, 302);
  });

  it('says why nobody answers', async () => {
    const transport = deviceTransport();
    await assert.rejects(transport.http(get('https://127.0.0.1:1/')), /127\.0\.0\.1:1 .*refused/);
    await assert.rejects(transport.http(get('ftp://127.0.0.1/')), { code: 'invalid_input' });
    await assert.rejects(transport.http(get('https://a:b@127.0.0.1/')), { code: 'invalid_input' });
  });

  it('ends with timeout when the phone says nothing, and with the reason of the caller who aborts', async () => {
    const url = await rawPhone(() => undefined);
    const transport = deviceTransport({ timeout: 60 });
    await assert.rejects(transport.http(get(url)), { code: 'timeout' });
    const controller = new AbortController();
    const waiting = transport.http(get(url, { signal: controller.signal, timeout: 5000 }));
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });
});

/** security.md P-08: what a hostile "phone" may answer. */
const HOSTILE: Readonly<Record<string, (write: (text: string | Buffer) => void, end: () => void) => void>> = {
  'a body of 10 GB by length': (write) => {
    write('HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n');
    write(Buffer.alloc(400_000));
  },
  'endless chunks': (write) => {
    write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let index = 0; index < 400; index++) write(`400\r\n${'x'.repeat(1024)}\r\n`);
  },
  'a header without end': (write) => {
    write('HTTP/1.1 200 OK\r\n');
    for (let index = 0; index < 300; index++) write(`X-${index}: ${'x'.repeat(1024)}\r\n`);
  },
  'a gzip bomb': (write, end) => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    write(bomb);
    end();
  },
  'broken gzip': (write, end) => {
    write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc');
    end();
  },
  'no HTTP at all': (write, end) => {
    write('SSH-2.0-dropbear\r\n');
    end();
  },
  'two lengths': (write, end) => {
    write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab');
    end();
  },
  'a cut body': (write, end) => {
    write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab');
    end();
  },
  'a chunk length beyond numbers': (write, end) => {
    write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nab');
    end();
  },
  'a status line without end': (write) => {
    write(`HTTP/1.1 200 ${'x'.repeat(200_000)}`);
  },
  'one byte a second': (write) => {
    write('H');
  },
  'only informational answers': (write, end) => {
    for (let index = 0; index < 1000; index++) write('HTTP/1.1 100 Continue\r\n\r\n');
    end();
  },
};

describe('net: hostile answers (P-08)', () => {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });
  for (const [name, say] of Object.entries(HOSTILE)) {
    it(`refuses ${name} in bounded time`, async () => {
      const url = await rawPhone(say);
      const transport = deviceTransport({ timeout: 300 });
      await assert.rejects(transport.http(get(url, { maxBytes: 100_000 })), (error: Error & { code?: string }) => {
        assert.ok(error.code === 'unreachable' || error.code === 'timeout', `${error.code}: ${error.message}`);
        return true;
      });
    });
  }
});
