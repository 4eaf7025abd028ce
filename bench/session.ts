/**
 * A phone session (new TLS connection, Basic, four files of its own) against nginx that gives out the same bytes as
 * plain files without authentication: CPU of the servers, measured in turns. Needs nginx in PATH or named by NGINX.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { readIdentities } from '../src/sdk/certificates/identity.ts';
import { openInstallation } from '../src/sdk/home.ts';
import { interleaved, type Measurement } from './harness.ts';
import { type BenchPhone, cpuOf, makeFleet, percentile, type Served, type ServedFleet, serve } from './served-fleet.ts';

const PHONES = 200;
const ROUNDS = 5;
const GETS_PER_SECOND = 2_000;
const LOAD_SECONDS = 10;

export async function run(): Promise<Measurement[]> {
  const fleet = await makeFleet(1_000, PHONES);
  const server = await serve(fleet);
  const nginx = await startNginx(fleet);
  try {
    const pid = server.process.pid ?? 0;
    const session = (kind: Auth, port: number, cpu: () => number) => async (): Promise<number> => {
      const before = cpu();
      for (const phone of fleet.phones) await phoneSession(port, fleet.ca, phone, kind);
      return (cpu() - before) / fleet.phones.length;
    };
    const own = (kind: Auth): (() => Promise<number>) => session(kind, server.port, () => cpuOf(pid));
    const first = await own('basic')();
    // The interpreter warms up: what counts is a server that has been up for more than a minute.
    for (let n = 0; n < 3; n += 1) await own('basic')();
    const measurements: Measurement[] = [];
    const cases = {
      basic: own('basic'),
      digest: own('digest'),
      ...(nginx && { nginx: session('none', nginx.port, nginx.cpu) }),
    };
    const cpu: Record<string, number> = await interleaved<string>(cases, ROUNDS);
    const reference = nginx === undefined ? 'no nginx: CPU µs' : 'nginx, static, no authentication';
    const { basic = Number.NaN, digest = Number.NaN, nginx: base = 1 } = cpu;
    const note = (µs: number): string =>
      `${µs.toFixed(0)} µs${nginx ? ` / ${base.toFixed(0)} µs` : ''} of CPU a session`;
    measurements.push(
      {
        name: 'session with Basic, cached',
        ratio: basic / base,
        reference,
        ...(nginx && { goal: 2 }),
        note: note(basic),
      },
      { name: 'session with Digest, cached', ratio: digest / base, reference, note: note(digest) },
      {
        name: 'session with Basic, first rendering',
        ratio: first / base,
        reference,
        note: `${note(first)}, cold process`,
      },
    );
    measurements.push(await load(fleet, server));
    return measurements;
  } finally {
    await server.stop();
    nginx?.stop();
    fleet.remove();
  }
}

type Auth = 'none' | 'basic' | 'digest';

/** New connection, four files, gone: what a phone does at its poll. */
async function phoneSession(port: number, ca: string, phone: BenchPhone, auth: Auth): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, maxCachedSessions: 0 });
  try {
    let challenge: string | undefined;
    for (const [index, name] of filesOf(phone).entries()) {
      let headers = authorization(phone, auth, name, challenge, index + 1);
      let answer = await get(agent, port, name, headers);
      if (answer.status === 401 && auth === 'digest') {
        challenge = /Digest [^\n]*nonce="([^"]+)"/.exec(answer.challenge)?.[1];
        headers = authorization(phone, auth, name, challenge, index + 1);
        answer = await get(agent, port, name, headers);
      }
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
    }
  } finally {
    agent.destroy();
  }
}

function filesOf({ mac }: BenchPhone): readonly string[] {
  return [`/${mac}.cfg`, `/${mac}-phonectl.cfg`, `/${mac}.cfg`, `/${mac}-phonectl.cfg`];
}

function authorization(
  { login }: BenchPhone,
  auth: Auth,
  uri: string,
  nonce: string | undefined,
  count: number,
): Record<string, string> {
  if (auth === 'basic') {
    return { authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}` };
  }
  if (auth === 'none' || nonce === undefined) return {};
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const secret = md5(`${login.username}:phones:${login.password}`);
  const response = md5(`${secret}:${nonce}:${nc}:c0:auth:${md5(`GET:${uri}`)}`);
  const fields = `username="${login.username}", realm="phones", nonce="${nonce}", uri="${uri}", response="${response}"`;
  return { authorization: `Digest ${fields}, qop=auth, nc=${nc}, cnonce="c0", algorithm=MD5` };
}

function get(
  agent: Agent,
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; challenge: string }> {
  return new Promise((resolve, reject) => {
    const userAgent = 'FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 Type/Application';
    const asked = request(
      { host: '127.0.0.1', port, path, agent, headers: { 'user-agent': userAgent, ...headers } },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, challenge: String(response.headers['www-authenticate'] ?? '') }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** 2,000 GETs a second over kept connections; the ratio is the slowest hundredth against the 50 ms of the goal. */
async function load(fleet: ServedFleet, server: Served): Promise<Measurement> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, ca: fleet.ca });
  const times: number[] = [];
  const started = performance.now();
  const pending: Promise<void>[] = [];
  let sent = 0;
  while (sent < GETS_PER_SECOND * LOAD_SECONDS) {
    const due = Math.floor(((performance.now() - started) / 1000) * GETS_PER_SECOND);
    for (; sent < due && sent < GETS_PER_SECOND * LOAD_SECONDS; sent += 1) {
      const phone = fleet.phones[sent % fleet.phones.length];
      if (phone === undefined) continue;
      const name = filesOf(phone)[sent % 4] ?? '';
      const start = performance.now();
      const asked = get(agent, server.port, name, authorization(phone, 'basic', name, undefined, 0));
      pending.push(
        asked.then(({ status }) => {
          if (status !== 200) throw new Error(`${name}: ${status}`);
          times.push(performance.now() - start);
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(pending);
  agent.destroy();
  const rate = times.length / ((performance.now() - started) / 1000);
  times.sort((a, b) => a - b);
  const p99 = percentile(times, 0.99);
  const note = `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms at ${rate.toFixed(0)}/s; the client shares the CPUs`;
  return { name: `p99 at ${GETS_PER_SECOND} GETs/s`, ratio: p99 / 50, reference: '50 ms', goal: 1, note };
}

interface Nginx {
  readonly port: number;
  readonly cpu: () => number;
  stop(): void;
}

/** nginx with one worker, our certificates and the rendered tree; `undefined` where it is not installed. */
async function startNginx(fleet: ServedFleet): Promise<Nginx | undefined> {
  const binary = process.env['NGINX'] ?? 'nginx';
  if (spawnSync(binary, ['-v']).status !== 0) return undefined;
  const folder = join(fleet.folder, 'nginx');
  mkdirSync(folder);
  const tree = join(folder, 'tree');
  const bin = join(import.meta.dirname, '../bin/dev.js');
  const macs = fleet.phones.map(({ mac }) => mac);
  const built = spawnSync(process.execPath, [bin, 'config', 'build', ...macs, '--out', tree], { env: fleet.env });
  if (built.status !== 0) throw new Error(built.stderr.toString());
  spawnSync('chmod', ['-R', 'a+rX', fleet.folder]);
  const { home, secrets, store } = await openInstallation({ home: String(fleet.env['PHONECTL_HOME']) });
  const { identities, passphrase } = readIdentities(home, secrets);
  await store.close();
  const { createPrivateKey } = await import('node:crypto');
  for (const { kind, chain, key } of identities) {
    writeFileSync(join(folder, `${kind}.pem`), chain);
    const plain = createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(folder, `${kind}.key`), plain, { mode: 0o600 });
  }
  const port = 20_000 + (process.pid % 10_000);
  const certificates = identities
    .map(({ kind }) => `ssl_certificate ${folder}/${kind}.pem; ssl_certificate_key ${folder}/${kind}.key;`)
    .join(' ');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; daemon off; events { worker_connections 1024; }
     http { access_log off; sendfile on; tcp_nopush on; open_file_cache max=2000; default_type text/plain;
       client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
       uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
       server { listen 127.0.0.1:${port} ssl; ${certificates} ssl_protocols TLSv1.2 TLSv1.3; root ${tree}; } }`,
  );
  const child = spawn(binary, ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const workers = childrenOf(child.pid ?? 0);
  if (workers.length === 0) throw new Error(readFileSync(join(folder, 'error.log'), 'utf8'));
  return { port, cpu: () => workers.reduce((sum, pid) => sum + cpuOf(pid), 0), stop: () => child.kill('SIGTERM') };
}

function childrenOf(parent: number): number[] {
  return readdirSync(`/proc/${parent}/task`).flatMap((task) =>
    readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number),
  );
}
