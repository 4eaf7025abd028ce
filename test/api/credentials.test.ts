import assert from 'node:assert/strict';
import { contentDigest, signRequest } from '../../src/sdk/keys/signature.ts';
import type { Clock } from '../../src/sdk/ports/clock.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { type Traces, testOperations } from '../support/operations.ts';

describe('credentials of the management API', () => {
  const traces: Traces = { done: [], aborted: 0 };
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead, monotonic: () => performance.now() + ahead };
  let test: TestApi;

  before(async () => {
    test = await startTestApi({ extra: testOperations(traces), clock, api: { trustedProxies: ['127.0.0.2/32'] } });
  });
  after(() => test.stop());

  const list = (options: Parameters<typeof ask>[2]) => ask(test, '/v1/site/list', { method: 'GET', ...options });

  it('KEY-01: a key is good as it was printed, and nothing that is nearly it', async () => {
    const key = await test.key();
    assert.equal((await list({ key })).status, 200);
    const wrong = [
      `${key.id}.${key.secret.slice(0, -1)}${key.secret.endsWith('A') ? 'B' : 'A'}`,
      `${key.id}.${key.secret}x`,
      `pk_aaaaaaaaaaaaaaaa.${key.secret}`,
      key.secret,
      key.id,
      `${key.id}.`,
      '',
    ];
    for (const bearer of wrong) {
      const answer = await list({ key: bearer });
      assert.equal(answer.status, 401, bearer);
      assert.equal(answer.json()['code'], 'unauthenticated');
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    }
    assert.equal((await list({})).status, 401);
    assert.equal((await list({ headers: { authorization: 'Basic eDp5' } })).status, 401);
  });

  it('KEY-01: keeps no secret: neither database nor log nor list holds it', async () => {
    const key = await test.key();
    const { readFileSync } = await import('node:fs');
    const { join } = await import('node:path');
    for (const name of ['phonectl.db', 'phonectl.db-wal']) {
      assert.ok(!readFileSync(join(test.home.path, name)).includes(key.secret), name);
    }
    const owner = test.connect(key);
    const seen = JSON.stringify([
      await Array.fromAsync(owner.keys.list({})),
      await Array.fromAsync(owner.logs.list({})),
      await owner.keys.show({ key: key.id }),
    ]);
    assert.ok(!seen.includes(key.secret));
    assert.ok(seen.includes(key.id));
  });

  it('refuses a key that is expired, revoked, or used from elsewhere, all alike', async () => {
    const soon = await test.key('super', { expires: '1m' });
    const inside = await test.key('super', { from: ['127.0.0.0/8'] });
    const outside = await test.key('super', { from: ['10.0.0.0/8'] });
    const revoked = await test.key();
    assert.equal((await list({ key: soon })).status, 200);
    assert.equal((await list({ key: inside })).status, 200);
    await test.home.phonectl.keys.revoke({ key: revoked.id });
    ahead += 61_000;
    const answers = await Promise.all([soon, outside, revoked].map((key) => list({ key })));
    assert.deepEqual(
      answers.map(({ status, text }) => [status, text]),
      answers.map(() => [401, answers[0]!.text]),
    );
  });

  it('rotates a key: the old secret is good for its grace, then no longer', async () => {
    const key = await test.key();
    const renewed = await test.home.phonectl.keys.rotate({ key: key.id, grace: '1h' });
    const next = { id: renewed.id, secret: renewed.secret! };
    assert.equal(next.id, key.id);
    assert.deepEqual([(await list({ key })).status, (await list({ key: next })).status], [200, 200]);
    ahead += 3_600_001;
    assert.deepEqual([(await list({ key })).status, (await list({ key: next })).status], [401, 200]);
    await test.home.phonectl.keys.rotate({ key: key.id, grace: '0m' });
    assert.equal((await list({ key: next })).status, 401);
  });

  it('believes X-Forwarded-For only of a listed proxy (I-10)', async () => {
    const home = await test.key('super', { from: ['10.9.9.9/32'] });
    const spoofed = { 'x-forwarded-for': '10.9.9.9' };
    assert.equal((await list({ key: home, headers: spoofed })).status, 401);
    const entries: string[] = [];
    await using proxied = await startTestApi({
      api: { trustedProxies: ['127.0.0.0/8', '10.1.0.0/16'], onAccess: ({ address }) => entries.push(address) },
    });
    const far = await proxied.key('super', { from: ['10.9.9.9/32'] });
    const from = (chain: string) =>
      ask(proxied, '/v1/site/list', { method: 'GET', key: far, headers: { 'x-forwarded-for': chain } });
    assert.equal((await from('10.9.9.9')).status, 200);
    assert.equal((await from('10.9.9.9, 10.1.2.3')).status, 200);
    // What stands left of the first stranger was written by that stranger.
    assert.equal((await from('10.9.9.9, 203.0.113.5')).status, 401);
    assert.deepEqual(entries, ['10.9.9.9', '10.9.9.9', '203.0.113.5']);
  });

  describe('signed requests (RFC 9421)', () => {
    const parts = (path: string, body?: string) => ({
      method: 'POST',
      authority: new URL(test.server).host,
      path,
      query: '?',
      ...(body !== undefined && { contentDigest: contentDigest(body) }),
    });

    before(() => {
      ahead = 0;
    });

    it('work through our client, and the secret never leaves it', async () => {
      const key = await test.key();
      const remote = test.connect(key, { sign: true });
      assert.equal((await remote.auth.whoami({})).name, key.id);
      assert.ok((await Array.fromAsync(remote.sites.list({}))).length > 0);
    });

    it('are good once, for what was signed, and for five minutes', async () => {
      const key = await test.key();
      const body = '{"text":"signed"}';
      const path = '/v1/test/note';
      const sign = (at = clock.now(), of = parts(path, body)) => {
        const { signature, signatureInput } = signRequest(key, of, at);
        return { signature, 'signature-input': signatureInput, 'content-digest': contentDigest(body) };
      };
      const send = (headers: Record<string, string>, text = body, to = path) => ask(test, to, { body: text, headers });
      const good = sign();
      assert.equal((await send(good)).status, 200);
      assert.equal((await send(good)).status, 401, 'replayed');
      assert.equal((await send(sign(), '{"text":"forged"}')).status, 400, 'another body under the same digest');
      const forged = { ...sign(), 'content-digest': contentDigest('{"text":"forged"}') };
      assert.equal((await send(forged, '{"text":"forged"}')).status, 401, 'another digest');
      assert.equal((await send(sign(), body, '/v1/site/add')).status, 401, 'another path');
      assert.equal((await send(sign(clock.now() - 301_000))).status, 401, 'too old');
      assert.equal((await send(sign(clock.now() + 301_000))).status, 401, 'from the future');
      const bare = signRequest(key, parts(path), clock.now());
      const uncovered = { signature: bare.signature, 'signature-input': bare.signatureInput };
      assert.equal((await send(uncovered)).status, 401, 'a body that is not covered');
      assert.equal((await send({ ...sign(), 'signature-input': 'x', signature: 'y' })).status, 401, 'nonsense');
      assert.deepEqual(traces.done, ['signed']);
    });
  });

  it('answers an address that shows too many wrong ones with 429, and lets good ones from there through', async () => {
    await using strict = await startTestApi({ api: { limits: { wrongCredentials: 3 } } });
    const key = await strict.key();
    const get = (bearer: string) => ask(strict, '/v1/site/list', { method: 'GET', key: bearer });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await get(`${key.id}.ps_${'x'.repeat(43)}`)).status);
    assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
    const good = await get(`${key.id}.${key.secret}`);
    assert.equal(good.status, 200);
  });

  it('takes on no more than it can, and says when to come back (429)', async () => {
    await using small = await startTestApi({
      extra: testOperations({ done: [], aborted: 0 }),
      api: { limits: { requestsOfCaller: 2 } },
    });
    const [busy, other] = [await small.key(), await small.key()];
    const slow = { key: busy, body: '{"steps":1,"time":300}' };
    const running = [ask(small, '/v1/test/slow', slow), ask(small, '/v1/test/slow', slow)];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await ask(small, '/v1/site/list', { method: 'GET', key: busy });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal((await ask(small, '/v1/site/list', { method: 'GET', key: other })).status, 200);
    assert.deepEqual(
      (await Promise.all(running)).map(({ status }) => status),
      [200, 200],
    );
    // Our client waits as it is told, and gets through.
    const again = [ask(small, '/v1/test/slow', slow), ask(small, '/v1/test/slow', slow)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok((await Array.fromAsync(small.connect(busy).sites.list({}))).length > 0);
    await Promise.all(again);
  });
});
