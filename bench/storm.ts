/**
 * Power is back: 5,000 phones behind one address boot against a store of 50,000, while one of them sends wrong passwords
 * twenty times a second. Each phone enrols with the shared account, comes back with its own login on a new connection,
 * fetches its files and uploads its boot log; a 503 makes it wait as long as it is told.
 */
import { Agent, request } from 'node:https';
import type { Measurement } from './harness.ts';
import { macOf, makeFleet, memoryOf, percentile, type ServedFleet, serve } from './served-fleet.ts';

const DEVICES = 50_000;
const PHONES = Number(process.env['STORM_PHONES'] ?? 5_000);
/** Phones that boot at the same time. */
const AT_ONCE = 200;
const WRONG_PER_SECOND = 20;
const USER_AGENT = 'FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 Type/Application';

interface Storm {
  readonly times: number[];
  readonly statuses: Map<number, number>;
  provisioned: number;
  failed: string[];
}

export async function run(): Promise<Measurement[]> {
  const fleet = await makeFleet(DEVICES, 0);
  const server = await serve(fleet);
  const storm: Storm = { times: [], statuses: new Map(), provisioned: 0, failed: [] };
  try {
    const started = performance.now();
    const attacker = attack(fleet, server.port);
    let next = 0;
    async function worker(): Promise<void> {
      while (next < PHONES) {
        const mac = macOf(next++);
        await boot(fleet, server.port, mac, storm).catch((error: unknown) => storm.failed.push(`${mac}: ${error}`));
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const seconds = (performance.now() - started) / 1000;
    const wrong = await attacker.stop();
    const memory = memoryOf(server.process.pid ?? 0);
    const sorted = storm.times.sort((a, b) => a - b);
    const p99 = percentile(sorted, 0.99);
    const bad = [...storm.statuses].filter(([status]) => status >= 500 && status !== 503);
    for (const failure of storm.failed.slice(0, 5)) console.error(failure);
    const statuses = [...storm.statuses].sort().map(([status, count]) => `${status}: ${count}`);
    return [
      {
        name: 'phones not provisioned',
        ratio: (PHONES - storm.provisioned) / PHONES,
        reference: `${PHONES} phones`,
        goal: 0,
        note: `${storm.provisioned} provisioned in ${seconds.toFixed(0)} s; ${wrong} wrong passwords meanwhile`,
      },
      {
        name: '5xx other than 503 with Retry-After',
        ratio: bad.reduce((sum, [, count]) => sum + count, 0),
        reference: 'answers',
        goal: 0,
        note: statuses.join(', '),
      },
      {
        name: 'p99 of a request',
        ratio: p99 / 250,
        reference: '250 ms',
        note: `p50 ${percentile(sorted, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${memory.toFixed(0)} MiB; client on the same CPUs`,
      },
    ];
  } finally {
    await server.stop();
    fleet.remove();
  }
}

async function boot(fleet: ServedFleet, port: number, mac: string, storm: Storm): Promise<void> {
  const ask = asker(fleet, port, storm);
  const first = ask.connect();
  await first(`/${mac}.cfg`, fleet.shared);
  const enrolment = await first(`/${mac}-phonectl.cfg`, fleet.shared);
  first.end();
  const password = /device\.prov\.password="([^"]+)"/.exec(enrolment.body)?.[1];
  if (password === undefined) throw new Error(`no credential in a ${enrolment.status}`);
  const login = { username: mac, password };
  const second = ask.connect();
  await second(`/${mac}-boot.log`, login, 'PUT', 'booted\n');
  await second(`/${mac}.cfg`, login);
  const own = await second(`/${mac}-phonectl.cfg`, login);
  second.end();
  if (own.status !== 200 || !own.body.includes('reg.1.auth.password')) throw new Error(`own file: ${own.status}`);
  storm.provisioned += 1;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Connection {
  (path: string, login: { username: string; password: string }, method?: string, body?: string): Promise<Answer>;
  end(): void;
}

function asker(fleet: ServedFleet, port: number, storm: Storm): { connect(): Connection } {
  return {
    connect() {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: fleet.ca, maxCachedSessions: 0 });
      const ask = async (
        path: string,
        login: { username: string; password: string },
        method = 'GET',
        body?: string,
      ): Promise<Answer> => {
        for (let attempt = 0; attempt < 20; attempt += 1) {
          const start = performance.now();
          const { retryAfter, ...answer } = await send(agent, port, path, login, method, body);
          storm.statuses.set(answer.status, (storm.statuses.get(answer.status) ?? 0) + 1);
          if (answer.status !== 503 || retryAfter === undefined) {
            storm.times.push(performance.now() - start);
            return answer;
          }
          await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000));
        }
        throw new Error('still 503 after twenty tries');
      };
      return Object.assign(ask, { end: () => agent.destroy() });
    },
  };
}

function send(
  agent: Agent,
  port: number,
  path: string,
  { username, password }: { username: string; password: string },
  method: string,
  body: string | undefined,
): Promise<Answer & { retryAfter?: number }> {
  return new Promise((resolve, reject) => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const asked = request(
      { host: '127.0.0.1', port, path, method, agent, headers: { authorization, 'user-agent': USER_AGENT } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        const after = response.headers['retry-after'];
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            ...(after !== undefined && { retryAfter: Number(after) }),
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Wrong passwords for one phone of the same address, as fast as told. */
function attack(fleet: ServedFleet, port: number): { stop(): Promise<number> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: fleet.ca });
  let sent = 0;
  const pending = new Set<Promise<unknown>>();
  const timer = setInterval(() => {
    sent += 1;
    const login = { username: macOf(1), password: `guess ${sent}` };
    const one = send(agent, port, `/${macOf(1)}.cfg`, login, 'GET', undefined).catch(() => undefined);
    pending.add(one);
    void one.then(() => pending.delete(one));
  }, 1000 / WRONG_PER_SECOND);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
      return sent;
    },
  };
}
