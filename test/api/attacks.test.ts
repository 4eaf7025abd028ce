/** What a stranger or a careless client sends, byte for byte: it costs little, changes nothing, and is answered plainly. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { type Traces, testOperations } from '../support/operations.ts';

describe('attacks on the management API (SEC-05)', function () {
  this.timeout(30_000);
  const traces: Traces = { done: [], aborted: 0 };
  let test: TestApi;
  let key: { id: string; secret: string };

  before(async () => {
    const limits = { jsonBodyTime: 300, uploadIdleTime: 300, upload: 100_000 };
    test = await startTestApi({ extra: testOperations(traces), api: { limits } });
    key = await test.key();
  });
  after(() => test.stop());
  afterEach(() => assert.deepEqual(traces.done, [], 'something was done'));

  /** Sends text as it is, in pieces, and reads until the server closes or has been silent for a while. */
  async function raw(pieces: readonly string[], patience = 1_500): Promise<string> {
    const socket = connect({ port: test.api.port, host: '127.0.0.1', ca: test.ca });
    let got = '';
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(20);
    }
    await Promise.race([closed, sleep(patience)]);
    socket.destroy();
    return got;
  }
  const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  function head(line: string, ...headers: readonly string[]): string {
    return [line, 'host: x', `authorization: Bearer ${key.id}.${key.secret}`, ...headers, '', ''].join('\r\n');
  }

  it('a body that is not finished in time is answered with 408, and the connection is closed', async () => {
    const json = head('POST /v1/test/note HTTP/1.1', 'content-type: application/json', 'content-length: 20');
    const upload = head('POST /v1/test/upload?name=x HTTP/1.1', 'content-length: 20');
    for (const [request, first] of [
      [json, '{"te'],
      [upload, 'abc'],
    ] as const) {
      const answer = await raw([request, first]);
      assert.equal(statusOf(answer), 408, answer);
      assert.match(answer, /\r\nconnection: close\r\n/i);
      assert.match(answer, /"code":"timeout"/);
    }
  });

  it('one byte at a time does not keep a JSON body alive', async () => {
    const request = head('POST /v1/test/note HTTP/1.1', 'content-type: application/json', 'content-length: 1000');
    const answer = await raw([request, ...Array.from({ length: 25 }, () => ' ')]);
    assert.equal(statusOf(answer), 408, answer);
  });

  it('an upload without a declared end is cut at its limit, and told so', async () => {
    const request = head('POST /v1/test/upload?name=x HTTP/1.1', 'transfer-encoding: chunked');
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const answer = await raw([request, ...Array.from({ length: 10 }, () => chunk)], 3_000);
    assert.equal(statusOf(answer), 413, answer.slice(0, 200));
  });

  it('nothing is unpacked', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    for (const path of ['/v1/test/note', '/v1/test/upload?name=x']) {
      const answer = await ask(test, path, { key, body: bomb, headers });
      assert.equal(answer.status, 415, path);
      assert.match(answer.text, /Content-Encoding/);
    }
  });

  it('an answer is not larger than its question, however much is wrong with it', async () => {
    const many = await ask(test, '/v1/device/add', {
      key,
      body: JSON.stringify({ devices: Array.from({ length: 100_000 }, () => 1) }),
    });
    assert.equal(many.status, 400);
    assert.ok(many.text.length < 10_000, `${many.text.length} characters`);
    assert.match(many.text, /and \d+ more/);
    const long = await ask(test, '/v1/device/list', { key, body: JSON.stringify({ limit: 'x'.repeat(900_000) }) });
    assert.ok(long.status === 400 && long.text.length < 2_000, `${long.text.length} characters`);
    const deep = `{"text":${'['.repeat(400_000)}${']'.repeat(400_000)}}`;
    assert.equal((await ask(test, '/v1/test/note', { key, body: deep })).status, 400);
  });

  it('a secret that is refused is not repeated', async () => {
    const wrong = { refs: [], password: { hidden: 'Canary-in-an-object' } };
    const bodies = [
      ['/v1/device/adPassword', { selector: { all: true }, password: `Canary-${'x'.repeat(300)}` }],
      ['/v1/device/adPassword', { selector: { all: true }, password: ['Canary-in-a-list'] }],
      ['/v1/auth/passwd', { old: ['Canary-old'], password: 'Canary-new', more: 1 }],
      ['/v1/auth/login', { email: 'a@example.net', password: wrong }],
      ['/v1/param/set', { selector: { all: true }, parameters: 'Canary-as-a-text' }],
    ] as const;
    for (const [path, body] of bodies) {
      const answer = await ask(test, path, { key, body: JSON.stringify(body) });
      assert.equal(answer.status, 400, `${path} ${answer.text}`);
      assert.doesNotMatch(answer.text, /Canary/, path);
    }
  });

  it('a path has one spelling', async () => {
    const paths = [
      '/v1/x/../site/list',
      '/v1/x/%2e%2e/site/list',
      '/v1\\site\\list',
      '/v1/./site/list',
      '/v1/site%2Flist',
    ];
    for (const path of [
      ...paths,
      '/v1/site/list/',
      '/v1/site/list%00',
      '/V1/site/list',
      '/v1//site/list',
      '/v1/site/list#x',
    ]) {
      assert.equal(statusOf(await raw([head(`GET ${path} HTTP/1.1`, 'connection: close')])), 404, path);
    }
    assert.equal(statusOf(await raw([head('GET /v1/site/list HTTP/1.1', 'connection: close')])), 200);
    assert.equal(statusOf(await raw([head('GET https://evil/v1/site/list HTTP/1.1', 'connection: close')])), 404);
  });

  it('requests that two readers could take apart differently are refused and the connection closed', async () => {
    const smuggled = 'GET /v1/site/list HTTP/1.1\r\n\r\n';
    const post = 'POST /v1/test/note HTTP/1.1';
    const requests = [
      `${head(post, 'content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\n${smuggled}`,
      `${head(post, 'content-length: 5', 'content-length: 6')}abcde${smuggled}`,
      `${head(post, 'transfer-encoding: chunked')}zz\r\nabc\r\n${smuggled}`,
      `${head(post, 'transfer-encoding: chunked, identity')}0\r\n\r\n${smuggled}`,
      `${head(post, 'x : a', 'content-length: 2')}{}`,
    ];
    for (const request of requests) {
      const answer = await raw([request]);
      assert.equal(statusOf(answer), 400, `${request}\n${answer}`);
      assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1, answer);
    }
  });

  it('what is no UTF-8 is no JSON, and is not mended in silence', async () => {
    for (const body of [Buffer.from('{"text":"\xff"}', 'latin1'), Buffer.from('{"text":"a"}', 'utf16le')]) {
      assert.equal((await ask(test, '/v1/test/note', { key, body })).status, 400);
    }
  });

  it('headers have limits, and nothing of a request comes back as a header', async () => {
    const wide = await raw([head('GET /v1/site/list HTTP/1.1', `x: ${'y'.repeat(20_000)}`)]);
    assert.equal(statusOf(wide), 431);
    const cases = { 'phonectl-run': '../../x', 'idempotency-key': 'x'.repeat(300), 'if-match': '"1", "2"' };
    for (const [name, value] of Object.entries(cases)) {
      const answer = await ask(test, '/v1/test/note', { key, body: '{"text":"a"}', headers: { [name]: value } });
      assert.equal(answer.status, 400, name);
      assert.ok(!JSON.stringify(answer.headers).includes(value), name);
    }
    const split = await ask(test, '/v1/site/list?x=%0d%0aset-cookie:%20a', { key, method: 'GET' });
    assert.equal(split.headers['set-cookie'], undefined);
  });

  it('objects asked for as text are refused, not broken off', async () => {
    const answer = await ask(test, '/v1/site/list', { key, method: 'GET', headers: { accept: 'text/csv' } });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /x-ndjson/);
  });

  it('a stranger gets no further than their address allows: 429, Retry-After, and others go on', async () => {
    const limits = { requestsOfStranger: 2 };
    await using busy = await startTestApi({ api: { limits } });
    const login = { email: 'a@example.net', password: 'x' };
    const tries = Array.from({ length: 8 }, () => ask(busy, '/v1/auth/login', { body: JSON.stringify(login) }));
    const answers = await Promise.all(tries);
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0, answers.map(({ status }) => status).join(' '));
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) >= 1));
    assert.equal((await ask(busy, '/v1/site/list', { key: await busy.key(), method: 'GET' })).status, 200);
  });
});
