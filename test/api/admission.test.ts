/** What the API takes on of one client, so that the others are not locked out (SEC-05, security.md section f). */
import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';
import { type Traces, testOperations } from '../support/operations.ts';

const MOST = 4;

describe('admission to the management API', function () {
  this.timeout(30_000);
  const traces: Traces = { done: [], aborted: 0 };
  let test: TestApi;
  let key: { id: string; secret: string };

  before(async () => {
    const limits = {
      connectionsOfAddress: MOST,
      uploadIdleTime: 400,
      uploadRate: 1_000,
      answersOfCaller: 3,
      answerBytesOfCaller: 3_000,
    };
    test = await startTestApi({ extra: testOperations(traces), api: { limits, trustedProxies: ['127.0.0.3'] } });
    key = await test.key();
  });
  after(() => test.stop());

  /** Opens connections from one address; how many of them got through the handshake. */
  async function open(address: string, count: number): Promise<TLSSocket[]> {
    const tries = Array.from({ length: count }, async () => {
      const plain = netConnect({ port: test.api.port, host: '127.0.0.1', localAddress: address });
      const socket = connect({ socket: plain, host: '127.0.0.1', ca: test.ca });
      return await new Promise<TLSSocket | undefined>((resolve) => {
        socket.once('secureConnect', () => resolve(socket));
        socket.once('error', () => resolve(undefined));
        socket.once('close', () => resolve(undefined));
      });
    });
    return (await Promise.all(tries)).filter((socket) => socket !== undefined);
  }
  async function close(sockets: readonly TLSSocket[]): Promise<void> {
    for (const socket of sockets) socket.destroy();
    // The server has to notice, too.
    await sleep(50);
  }

  it('an address has so many connections, and no more; others, and listed proxies, are not concerned', async () => {
    const mine = await open('127.0.0.2', MOST + 3);
    assert.equal(mine.length, MOST);
    const [others, proxied] = [await open('127.0.0.4', 1), await open('127.0.0.3', MOST + 3)];
    assert.deepEqual([others.length, proxied.length], [1, MOST + 3]);
    await close(mine.splice(0, 2));
    const again = await open('127.0.0.2', 3);
    assert.equal(again.length, 2, 'what has ended makes room');
    await close([...mine, ...again, ...others, ...proxied]);
  });

  /** Uploads in pieces, so many milliseconds apart; the answer's status, or 0 when there was none. */
  async function upload(pieces: readonly string[], apart: number): Promise<number> {
    const socket = connect({ port: test.api.port, host: '127.0.0.1', ca: test.ca });
    let got = '';
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    const head = [
      'POST /v1/test/upload?name=slow HTTP/1.1',
      'host: x',
      `authorization: Bearer ${key.id}.${key.secret}`,
    ];
    socket.write([...head, `content-length: ${pieces.join('').length}`, 'connection: close', '', ''].join('\r\n'));
    for (const piece of pieces) {
      if (got !== '') break;
      socket.write(piece);
      await sleep(apart);
    }
    for (let waited = 0; got === '' && waited < 2_000; waited += 20) await sleep(20);
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1] ?? 0);
  }

  it('a byte now and then does not keep an upload alive; a slow line does', async () => {
    const drops = Array.from({ length: 40 }, () => 'x');
    assert.equal(await upload(drops, 60), 408);
    assert.deepEqual(traces.done, []);
    const line = Array.from({ length: 15 }, () => 'x'.repeat(200));
    assert.equal(await upload(line, 60), 200);
  });

  it('415 for a body that is no JSON, with the code of it', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'nonsense']) {
      const answer = await ask(test, '/v1/test/note', { key, body: '{"text":"a"}', headers: { 'content-type': type } });
      assert.equal(answer.status, 415, type);
      assert.equal((JSON.parse(answer.text) as { code: string }).code, 'media_type');
    }
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
      const answer = await ask(test, '/v1/test/note', { key, body: '{"text":"b"}', headers: { 'content-type': type } });
      assert.equal(answer.status, 200, type);
    }
  });

  it('of the answers for idempotency keys the newest are kept; whoever else has some does not matter', async () => {
    const other = await test.key();
    const note = async (name: string, text: string, caller = key) => {
      const headers = { 'idempotency-key': name };
      const answer = await ask(test, '/v1/test/note', { key: caller, body: JSON.stringify({ text }), headers });
      await sleep(2);
      return answer;
    };
    await note('theirs', 'small', other);
    const before = traces.done.length;
    for (const name of ['k1', 'k2', 'k3', 'k4']) assert.equal((await note(name, 'small')).status, 200);
    // What is too much is looked for after every third answer: with k2, and with k5.
    assert.equal((await note('k4', 'small')).headers['idempotency-replayed'], 'true');
    await note('k5', 'small');
    await note('k6', 'small');
    assert.equal(traces.done.length, before + 6);
    assert.equal((await note('k6', 'small')).headers['idempotency-replayed'], 'true');
    assert.equal((await note('theirs', 'small', other)).headers['idempotency-replayed'], 'true');
    assert.equal((await note('k1', 'small')).headers['idempotency-replayed'], undefined, 'forgotten: it is new');

    const half = 'x'.repeat(1_500);
    await note('first', half);
    assert.equal((await note('first', half)).headers['idempotency-replayed'], 'true');
    await note('second', half);
    await note('third', half);
    const forgotten = await note('first', half);
    assert.equal(forgotten.status, 409, 'carried out, and not again, though its answer is gone');
    assert.match(forgotten.text, /was carried out before; its answer is not kept/);
    assert.equal((await note('third', half)).headers['idempotency-replayed'], 'true');
    assert.equal(traces.done.length, before + 10);
  });
});
