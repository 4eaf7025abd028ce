import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { remoteConnection } from '../../src/sdk/remote/connection.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { type Traces, testOperations } from '../support/operations.ts';

describe('writes over the API', () => {
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

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      if (await condition()) return;
      await sleep(10);
    }
    assert.fail('It did not happen within three seconds.');
  }

  it('go on when the client goes away, and can be come back to', async () => {
    const run = randomUUID();
    const outgoing = request(`${test.server}/v1/test/slow`, {
      method: 'POST',
      ca: test.ca,
      agent: false,
      headers: {
        authorization: `Bearer ${key.id}.${key.secret}`,
        'content-type': 'application/json',
        'phonectl-run': run,
      },
    });
    outgoing.on('error', () => {});
    outgoing.end('{"steps":5,"time":40}');
    const at = (suffix = '') => ask(test, `/v1/operations/${run}${suffix}`, { key, method: 'GET' });
    await until(async () => (await at()).status === 200);
    outgoing.destroy();
    const running = (await at()).json();
    assert.equal(running['state'], 'running');
    assert.equal(running['operation'], 'test.slow');
    // Following it from the third line on waits for its end.
    const events = (await at('/events?after=2')).lines();
    assert.deepEqual(events, [
      { $progress: { step: 3 } },
      { $progress: { step: 4 } },
      { $progress: { step: 5 } },
      { $result: { steps: 5 } },
    ]);
    const done = (await at()).json();
    assert.deepEqual([done['state'], done['result'], done['lines']], ['done', { steps: 5 }, 6]);
    assert.deepEqual(traces.done, ['slow 5']);
  });

  it('are answered at once when asked to (Prefer: respond-async)', async () => {
    const started = await ask(test, '/v1/test/slow', {
      key,
      body: '{"steps":2,"time":30}',
      headers: { prefer: 'respond-async' },
    });
    assert.equal(started.status, 202);
    const location = String(started.headers['location']);
    assert.equal(location, `/v1/operations/${started.json()['id']}`);
    await until(async () => (await ask(test, location, { key, method: 'GET' })).json()['state'] === 'done');
  });

  it('belong to the one who started them', async () => {
    const other = await test.key();
    const started = await ask(test, '/v1/test/slow', {
      key,
      body: '{"steps":1,"time":50}',
      headers: { prefer: 'respond-async' },
    });
    const location = String(started.headers['location']);
    const nothing = await ask(test, `/v1/operations/${randomUUID()}`, { key: other, method: 'GET' });
    const foreign = await ask(test, location, { key: other, method: 'GET' });
    assert.deepEqual([foreign.status, foreign.text], [404, nothing.text]);
    assert.equal((await ask(test, location, { method: 'GET' })).status, 401);
    await until(() => traces.done.length === 1);
  });

  it('can be ended, by DELETE and by Ctrl-C in our client', async () => {
    const started = await ask(test, '/v1/test/slow', {
      key,
      body: '{"steps":1000,"time":20}',
      headers: { prefer: 'respond-async' },
    });
    const location = String(started.headers['location']);
    await ask(test, location, { key, method: 'DELETE' });
    await until(async () => (await ask(test, location, { key, method: 'GET' })).json()['state'] === 'failed');
    await until(() => traces.aborted === 1);

    const controller = new AbortController();
    const connection = remoteConnection({ server: test.server, ca: test.ca, key });
    const interrupted = new Error('Ctrl-C');
    const call = connection.value(
      'test.slow',
      undefined as never,
      { steps: 1000, time: 20 },
      { signal: controller.signal, onProgress: () => controller.abort(interrupted) },
    );
    await assert.rejects(call, interrupted);
    connection.close();
    await until(() => traces.aborted === 2);
    assert.deepEqual(traces.done, []);
  });

  it('do not begin when their ending has overtaken them', async () => {
    const run = randomUUID();
    assert.equal((await ask(test, `/v1/operations/${run}`, { key, method: 'DELETE' })).status, 404);
    const note = (as: typeof key) =>
      ask(test, '/v1/test/note', { key: as, body: '{"text":"late"}', headers: { 'phonectl-run': run } });
    assert.equal((await note(key)).status, 409);
    assert.deepEqual(traces.done, []);
    assert.equal((await note(await test.key())).status, 200, 'another caller has nothing to do with it');
  });

  it('give every line to a client that reads slowly, however many there are', async () => {
    const connection = remoteConnection({ server: test.server, ca: test.ca, key });
    const input = { targets: 30_000, time: 0 };
    let lines = 0;
    for await (const item of connection.stream('test.effects', undefined as never, input)) {
      lines += 1;
      assert.equal((item as { device: string }).device, `phone-${lines}`);
      if (lines === 1) await sleep(300);
    }
    connection.close();
    assert.equal(lines, 30_000);
  });

  it('tell their progress, and fail as they fail locally', async () => {
    const heard: unknown[] = [];
    const connection = remoteConnection({ server: test.server, ca: test.ca, key });
    const call = connection.value(
      'test.fail',
      undefined as never,
      { code: 'in_use' },
      { onProgress: (e) => heard.push(e) },
    );
    await assert.rejects(call, { code: 'in_use', hints: ['Do not.'], details: { n: 1 } });
    connection.close();
    assert.deepEqual(heard, [{ half: true }]);
    const plain = await ask(test, '/v1/test/fail', { key, body: '{"code":"in_use"}' });
    assert.equal(plain.status, 409);
  });

  describe('with an Idempotency-Key', () => {
    const at = (where: TestApi, run: string, as = key) =>
      ask(where, `/v1/operations/${run}`, { key: as, method: 'GET' });
    const note = (text: string, idempotency: string, as = key) =>
      ask(test, '/v1/test/note', {
        key: as,
        body: JSON.stringify({ text }),
        headers: { 'idempotency-key': idempotency },
      });

    it('are done once and answered alike', async () => {
      const first = await note('once', 'a');
      const second = await note('once', 'a');
      assert.deepEqual([second.status, second.json()], [first.status, first.json()]);
      assert.equal(second.headers['idempotency-replayed'], 'true');
      assert.deepEqual(traces.done, ['once']);
    });

    it('are refused when the key comes with another request, and are free for another caller', async () => {
      await note('one', 'b');
      const other = await note('two', 'b');
      assert.deepEqual([other.status, other.json()['code']], [409, 'conflict']);
      assert.equal((await note('two', 'b', await test.key())).status, 200);
      assert.deepEqual(traces.done, ['one', 'two']);
    });

    it('wait for the first one when they come at the same time', async () => {
      const slow = () =>
        ask(test, '/v1/test/slow', {
          key,
          body: '{"steps":3,"time":50}',
          headers: { 'idempotency-key': 'c' },
        });
      const answers = await Promise.all([slow(), sleep(40).then(slow)]);
      assert.deepEqual(
        answers.map((answer) => [answer.status, answer.json()]),
        [
          [200, { steps: 3 }],
          [200, { steps: 3 }],
        ],
      );
      assert.deepEqual(traces.done, ['slow 3']);
    });

    it('are known after a restart of the server, and their answer is sealed', async () => {
      await note('kept', 'd');
      const { startApi } = await import('../../src/server/api/index.ts');
      const again = await startApi(test.installation, { listen: { host: '127.0.0.1', port: 0 } });
      const moved: TestApi = { ...test, server: `https://127.0.0.1:${again.port}` };
      const replayed = await ask(moved, '/v1/test/note', {
        key,
        body: '{"text":"kept"}',
        headers: { 'idempotency-key': 'd' },
      });
      await again.close(0);
      assert.equal(replayed.headers['idempotency-replayed'], 'true');
      assert.deepEqual(traces.done, ['kept']);
      const record = await test.installation.store.read.idempotency.find(`key:${key.id}`, 'd');
      assert.ok(record?.answer && !Buffer.from(record.answer).includes('kept'));
    });

    it('can be asked for by their run after a restart of the server, by the one who started them', async () => {
      const send = (path: string, body: string, idempotency: string, run: string) =>
        ask(test, path, { key, body, headers: { 'idempotency-key': idempotency, 'phonectl-run': run } });
      const [done, failed] = [randomUUID(), randomUUID()];
      await send('/v1/test/slow', '{"steps":2,"time":1}', 'restart-1', done);
      await send('/v1/test/fail', '{"code":"in_use"}', 'restart-2', failed);
      const kept = [done, failed].map(async (run) => (await at(test, run)).json());
      const [before, beforeFailed] = await Promise.all(kept);
      const { startApi } = await import('../../src/server/api/index.ts');
      const again = await startApi(test.installation, { listen: { host: '127.0.0.1', port: 0 } });
      const moved: TestApi = { ...test, server: `https://127.0.0.1:${again.port}` };
      assert.deepEqual((await at(moved, done)).json(), before);
      assert.deepEqual([before?.['state'], before?.['result']], ['done', { steps: 2 }]);
      assert.deepEqual((await at(moved, failed)).json(), beforeFailed);
      assert.equal(beforeFailed?.['state'], 'failed');
      assert.equal((await at(moved, done, await test.key())).status, 404);
      assert.equal((await at(moved, randomUUID())).status, 404);
      // One that was cut off says so.
      const lost = randomUUID();
      const record = { caller: `key:${key.id}`, key: 'restart-3', fingerprint: 'x', run: lost, createdAt: Date.now() };
      await test.installation.store.transaction(({ idempotency }) => idempotency.begin(record));
      const report = (await at(moved, lost)).json<{ state: string; problem: { code: string; detail: string } }>();
      assert.deepEqual([report.state, report.problem.code], ['failed', 'conflict']);
      assert.match(report.problem.detail, /cut off by a restart/);
      await again.close(0);
    });

    it('may be tried again after a failure that was ours', async () => {
      const fail = () =>
        ask(test, '/v1/test/fail', { key, body: '{"code":"locked"}', headers: { 'idempotency-key': 'e' } });
      const [first, second] = [await fail(), await fail()];
      assert.deepEqual([first.status, second.status], [503, 503]);
      assert.equal(second.headers['idempotency-replayed'], undefined);
      const refused = () =>
        ask(test, '/v1/test/fail', { key, body: '{"code":"in_use"}', headers: { 'idempotency-key': 'f' } });
      assert.equal((await refused()).status, 409);
      assert.equal((await refused()).headers['idempotency-replayed'], 'true');
    });
  });

  it('happen only if the object is still the one that was seen (If-Match)', async () => {
    const { roles } = test.home.phonectl;
    await roles.add({ name: 'versioned', permissions: ['device:read'], sites: 'all' });
    const shown = await ask(test, '/v1/role/show?role=versioned', { key, method: 'GET' });
    const etag = String(shown.headers['etag']);
    const edit = (match: string, description: string) =>
      ask(test, '/v1/role/edit', {
        key,
        body: JSON.stringify({ role: 'versioned', description }),
        headers: { 'if-match': match },
      });
    assert.equal((await edit(etag, 'first')).status, 200);
    const stale = await edit(etag, 'second');
    assert.deepEqual([stale.status, stale.json()['code']], [412, 'stale']);
    assert.equal((await roles.show({ role: 'versioned' })).description, 'first');
    assert.equal((await edit('*', 'third')).status, 400);
    // An operation that does not look at versions must not pretend to.
    const blind = await ask(test, '/v1/test/note', { key, body: '{"text":"x"}', headers: { 'if-match': '"1"' } });
    assert.equal(blind.status, 400);
    const remote = test.connect(key);
    await assert.rejects(remote.roles.edit({ role: 'versioned', description: 'x' }, { ifVersion: 1 }), {
      code: 'stale',
    });
  });
});
