import assert from 'node:assert/strict';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { type Traces, testOperations } from '../support/operations.ts';
import { bytes } from '../support/streams.ts';

describe('the management API', () => {
  const traces: Traces = { done: [], aborted: 0 };
  let test: TestApi;
  let key: { id: string; secret: string };

  before(async () => {
    test = await startTestApi({ extra: testOperations(traces) });
    key = await test.key();
  });
  after(() => test.stop());
  beforeEach(() => {
    traces.done.length = 0;
    traces.aborted = 0;
  });

  describe('to our own client', () => {
    it('gives the same lists, values and errors as the door itself', async () => {
      const local = test.home.phonectl;
      const remote = test.connect(key);
      assert.deepEqual(await Array.fromAsync(remote.sites.list({})), await Array.fromAsync(local.sites.list({})));
      await remote.sites.add({ sites: [{ name: 'Berlin' }] });
      assert.deepEqual(await local.sites.show({ site: 'Berlin' }), await remote.sites.show({ site: 'Berlin' }));
      const errors = await Promise.all(
        [local, remote].map((phonectl) => phonectl.sites.show({ site: 'Atlantis' }).catch((error: unknown) => error)),
      );
      assert.deepEqual(JSON.stringify(errors[1]), JSON.stringify(errors[0]));
      assert.match(JSON.stringify(errors[1]), /not_found/);
    });

    it('gives an awaited sequence as itself, as an async function that returns it does', async () => {
      const remote = test.connect(key);
      const list = async () => remote.sites.list({});
      const rows = await Array.fromAsync((await list()) as AsyncIterable<{ name: string }>);
      assert.ok(rows.some(({ name }) => name === 'Internet'));
    });

    it('takes bytes that may be left out, and does without them', async () => {
      const { resources } = test.connect(key);
      await resources.add({ file: 'ring.txt', source: bytes('first'), description: 'old' });
      const content = async (): Promise<string> => {
        const pieces = await Array.fromAsync(resources.download({ resource: 'ring.txt' }) as AsyncIterable<Uint8Array>);
        return Buffer.concat(pieces).toString();
      };
      await resources.edit({ resource: 'ring.txt', description: 'new' });
      assert.equal(await content(), 'first', 'only what is said of it has changed');
      const bare = await ask(test, '/v1/resource/edit?resource=ring.txt&description=newer', { key });
      assert.equal(bare.status, 200, bare.text);
      assert.equal(await content(), 'first', 'a request without a body brings no empty file');
      await resources.edit({ resource: 'ring.txt', source: bytes('second') });
      assert.equal(await content(), 'second');
      assert.equal((await resources.show({ resource: 'ring.txt' })).description, 'newer');
    });

    it('answers what is about the machine of the server with local_only', async () => {
      await assert.rejects(test.connect(key).users.outbox({}), { code: 'local_only' });
      await assert.rejects(async () => test.connect(key).init({ company: 'x', url: 'https://x' } as never), {
        code: 'local_only',
      });
    });

    it('names the certificate when it is not trusted, and the server when nobody is there', async () => {
      const { connectPhonectl } = await import('../../src/sdk/index.ts');
      await using stranger = connectPhonectl({ server: test.server, key });
      await assert.rejects(Array.fromAsync(stranger.sites.list({})), { code: 'certificate' });
      await using nobody = connectPhonectl({ server: 'https://127.0.0.1:9', key });
      await assert.rejects(Array.fromAsync(nobody.sites.list({})), { code: 'unreachable' });
      await using plain = connectPhonectl({ server: 'http://127.0.0.1:9', key });
      await assert.rejects(plain.sites.show({ site: 'x' }), { code: 'invalid_input' });
    });
  });

  describe('on the wire', () => {
    it('streams a list as JSON lines and shows where it failed as the last of them', async () => {
      const { status, headers, ...all } = await ask(test, '/v1/test/count', { key, body: '{"to":3}' });
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/x-ndjson');
      assert.deepEqual(
        all.lines().map((line) => (line as { index: number }).index),
        [1, 2, 3],
      );
      const failed = await ask(test, '/v1/test/count', { key, body: '{"to":9,"fail":3}' });
      assert.equal(failed.status, 200);
      const last = failed.lines().at(-1) as { $problem: { code: string; status: number } };
      assert.equal(failed.lines().length, 3);
      assert.equal(last.$problem.code, 'conflict');
      assert.equal(last.$problem.status, 409);
    });

    it('answers an error before the first line with its own status (RFC 9457)', async () => {
      const answer = await ask(test, '/v1/test/count', { key, body: '{"to":9,"fail":1}' });
      assert.equal(answer.status, 409);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.deepEqual(answer.json(), {
        type: 'urn:phonectl:error:conflict',
        title: 'The state of the fleet does not allow this',
        status: 409,
        detail: 'It was meant to fail.',
        code: 'conflict',
        exitCode: 6,
        hints: [],
        details: {},
      });
    });

    it('says nothing of what broke inside', async () => {
      const answer = await ask(test, '/v1/test/crash', { key });
      assert.equal(answer.status, 500);
      assert.doesNotMatch(answer.text, /secret-in-a-stack/);
      assert.match(String(test.errors.at(-1)), /secret-in-a-stack/);
    });

    it('reads with GET and a query too, never writes with it', async () => {
      const answer = await ask(test, '/v1/test/count?to=2', { key, method: 'GET' });
      assert.equal(answer.lines().length, 2);
      const site = await ask(test, '/v1/site/show?site=Internet', { key, method: 'GET' });
      assert.equal(site.json()['name'], 'Internet');
      assert.match(String(site.headers['etag']), /^"\d+"$/);
      const write = await ask(test, '/v1/test/note?text=x', { key, method: 'GET' });
      assert.equal(write.status, 405);
      assert.equal(write.headers['allow'], 'POST');
      assert.deepEqual(traces.done, []);
    });

    it('gives the bytes of an export as they are when asked for text', async () => {
      const lines = await ask(test, '/v1/test/bytes', { key });
      assert.deepEqual(lines.lines(), [{ $bytes: 'AP8KDQ==' }, 'text\n']);
      const raw = await ask(test, '/v1/test/bytes', { key, headers: { accept: 'application/octet-stream' } });
      assert.equal(raw.headers['content-type'], 'application/octet-stream');
      assert.ok(raw.text.endsWith('\n\rtext\n'));
    });

    it('names every problem of an input, and refuses what is no JSON, no path, no method', async () => {
      const cases = [
        ['/v1/test/count', '{"to":"x"}', 400],
        ['/v1/test/count', '{"to":1,"colour":"red"}', 400],
        ['/v1/test/count', '{"to":', 400],
        ['/v1/test/count', '[]', 400],
        ['/v1/test/nosuch', '{}', 404],
        ['/v1/test', '{}', 404],
        ['/v2/test/count', '{"to":1}', 404],
        ['/', '', 404],
        ['/v1/test/count/x', '{}', 404],
        ['//evil/v1/test/count', '{}', 404],
        ['/v1/__proto__/toString', '{}', 404],
      ] as const;
      for (const [path, body, status] of cases) {
        const answer = await ask(test, path, { key, body });
        assert.equal(answer.status, status, `${path} ${body}: ${answer.text}`);
        assert.equal(answer.headers['content-type'], 'application/problem+json');
      }
      const form = await ask(test, '/v1/test/count', {
        key,
        body: 'to=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      assert.equal(form.status, 415);
      assert.equal((await ask(test, '/v1/test/count', { key, method: 'PUT' })).status, 405);
    });

    it('keeps an input named __proto__ away from every prototype (I-05)', async () => {
      const answer = await ask(test, '/v1/test/count', { key, body: '{"to":1,"__proto__":{"polluted":1}}' });
      assert.equal(answer.status, 400);
      const query = await ask(test, '/v1/test/count?to=1&__proto__=x', { key, method: 'GET' });
      assert.equal(query.status, 400);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });

    it('limits a JSON body', async () => {
      const answer = await ask(test, '/v1/test/note', { key, body: JSON.stringify({ text: 'x'.repeat(1 << 20) }) });
      assert.equal(answer.status, 413);
      assert.deepEqual(traces.done, []);
    });

    it('sends no CORS headers and forbids browsers everything', async () => {
      for (const path of ['/v1/openapi.json', '/v1/site/list', '/nosuch']) {
        const { headers } = await ask(test, path, { key, method: 'GET', headers: { origin: 'https://evil.example' } });
        assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control-')), path);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.match(String(headers['content-security-policy']), /default-src 'none'/);
        assert.match(String(headers['strict-transport-security']), /max-age/);
      }
    });
  });

  it('a client that reads slowly does not hold the others to the fleet as it was', async () => {
    const { remoteConnection } = await import('../../src/sdk/remote/connection.ts');
    const connection = remoteConnection({ server: test.server, ca: test.ca, key });
    const slow = connection.stream('site.list', undefined as never, {})[Symbol.asyncIterator]();
    await slow.next();
    const remote = test.connect(key);
    await remote.sites.add({ sites: [{ name: 'Meanwhile' }] });
    assert.equal((await remote.sites.show({ site: 'Meanwhile' })).name, 'Meanwhile');
    await slow.return?.();
    connection.close();
  });

  describe('uploads', () => {
    it('stream up, with the rest of the input in the query, and tell how far they are', async () => {
      const heard: unknown[] = [];
      const { remoteConnection } = await import('../../src/sdk/remote/connection.ts');
      const connection = remoteConnection({ server: test.server, ca: test.ca, key });
      async function* source(): AsyncGenerator<Uint8Array> {
        for (let index = 0; index < 64; index += 1) yield Buffer.alloc(65_536, index);
      }
      const input = { source: source(), name: 'ä & b', lines: 3 };
      const result = await connection.value('test.upload', undefined as never, input, {
        onProgress: (event) => heard.push(event),
      });
      connection.close();
      assert.deepEqual(result, { name: 'ä & b', size: 64 * 65_536 });
      assert.deepEqual(heard.at(-1), { size: 64 * 65_536 });
    });

    it('that are cut off do nothing', async () => {
      const { remoteConnection } = await import('../../src/sdk/remote/connection.ts');
      const connection = remoteConnection({ server: test.server, ca: test.ca, key });
      async function* source(): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(65_536);
        throw new Error('the disk broke');
      }
      await assert.rejects(
        connection.value('test.upload', undefined as never, { source: source(), name: 'x' }),
        /the disk broke|reached/,
      );
      connection.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(traces.done, []);
    });

    it('are refused before they are read when the caller may not', async () => {
      const empty = await test.key('empty');
      const { remoteConnection } = await import('../../src/sdk/remote/connection.ts');
      const connection = remoteConnection({ server: test.server, ca: test.ca, key: empty });
      let sent = 0;
      async function* source(): AsyncGenerator<Uint8Array> {
        for (; sent < 20_000; sent += 1) yield Buffer.alloc(65_536);
      }
      await assert.rejects(connection.value('test.upload', undefined as never, { source: source(), name: 'x' }), {
        code: 'forbidden',
      });
      connection.close();
      assert.ok(sent < 5_000, `${sent} pieces were sent`);
    });
  });
});
