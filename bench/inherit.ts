/**
 * A value that every phone of a large fleet inherits is changed (PHONECTL_BENCH_PHONES, 50,000 by default): how long until
 * it is acknowledged, how long planning takes, and what configuration GETs cost `serve` meanwhile. Ratios are against the
 * goals of the configuration issue: a second, ten seconds, a quarter more.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createPhonectl, type Phonectl } from '../src/sdk/index.ts';
import { type Measurement, median } from './harness.ts';
import { cpuOf, makeFleet, percentile, type Served, type ServedFleet, serve } from './served-fleet.ts';

const PHONES = Number(process.env['PHONECTL_BENCH_PHONES'] ?? 50_000);
const ASKING = 200;
const GETS_PER_SECOND = 100;
const WINDOW_SECONDS = 4;
const ROUNDS = 4;
const PARAMETER = 'up.backlight.timeout';

export async function run(): Promise<readonly Measurement[]> {
  const fleet = await makeFleet(PHONES, ASKING);
  const phonectl = createPhonectl({ home: fleet.env['PHONECTL_HOME'] ?? '', actor: 'bench' });
  try {
    await phonectl.profiles.add({ name: 'all', vendor: 'poly', set: [{ name: PARAMETER, value: '10' }] });
    await phonectl.profiles.assign({ profile: 'all', target: { global: true } });
    return [...(await changes(phonectl)), await meanwhile(fleet)];
  } finally {
    await phonectl.close();
    fleet.remove();
  }
}

async function changes(phonectl: Phonectl): Promise<readonly Measurement[]> {
  const set = async (value: number, dryRun: boolean): Promise<{ wall: number; cpu: number }> => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const { plan } = await phonectl.profiles.set({
      profile: 'all',
      set: [{ name: PARAMETER, value: `${value}` }],
      dryRun,
    });
    if (plan.devices !== PHONES) throw new Error(`${plan.devices} of ${PHONES} phones are planned`);
    const { user, system } = process.cpuUsage(used);
    return { wall: performance.now() - start, cpu: (user + system) / 1000 };
  };
  const found = { planned: [] as { wall: number; cpu: number }[], written: [] as { wall: number; cpu: number }[] };
  await set(11, true);
  for (let round = 0; round < 5; round += 1) {
    found.planned.push(await set(20 + round, true));
    found.written.push(await set(20 + round, false));
  }
  const measurement = (name: string, times: readonly { wall: number; cpu: number }[], goal: number): Measurement => {
    const [wall, cpu] = [median(times.map((one) => one.wall)), median(times.map((one) => one.cpu))];
    const note = `${wall.toFixed(0)} ms, ${cpu.toFixed(0)} ms of CPU, ${PHONES} phones`;
    return { name, ratio: wall / goal, reference: `${goal / 1000} s`, goal: 1, note };
  };
  return [
    measurement('a value that all inherit: acknowledged', found.written, 1_000),
    measurement('a value that all inherit: planned', found.planned, 10_000),
  ];
}

/** Windows in turns: nothing else happens, or another process makes the change. */
async function meanwhile(fleet: ServedFleet): Promise<Measurement> {
  const server = await serve(fleet);
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca: fleet.ca });
  try {
    // Every phone once, and the interpreter warm.
    for (let second = 0; second < 3; second += 1) await window(fleet, server, agent);
    const quiet: Window[] = [];
    const busy: Window[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push(await window(fleet, server, agent));
      const change = startChange(fleet, 30 + round);
      busy.push(await window(fleet, server, agent));
      await change;
    }
    const ratio = median(busy.map(({ cpu }) => cpu)) / median(quiet.map(({ cpu }) => cpu));
    const p = (windows: readonly Window[], share: number): string =>
      percentile(
        windows.flatMap(({ times }) => times).sort((a, b) => a - b),
        share,
      ).toFixed(1);
    const note =
      `p50 ${p(quiet, 0.5)} → ${p(busy, 0.5)} ms, p99 ${p(quiet, 0.99)} → ${p(busy, 0.99)} ms ` +
      `at ${GETS_PER_SECOND}/s; client and change share the CPUs`;
    return { name: 'CPU of a GET while the change is made', ratio, reference: 'a quiet server', goal: 1.25, note };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

interface Window {
  /** CPU of the server for each GET, in microseconds. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly times: readonly number[];
}

async function window(fleet: ServedFleet, server: Served, agent: Agent): Promise<Window> {
  const pid = server.process.pid ?? 0;
  const before = cpuOf(pid);
  const started = performance.now();
  const asked: Promise<number>[] = [];
  while (asked.length < GETS_PER_SECOND * WINDOW_SECONDS) {
    const due = ((performance.now() - started) / 1000) * GETS_PER_SECOND;
    while (asked.length < due) asked.push(get(fleet, server.port, agent, asked.length));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const times = await Promise.all(asked);
  return { cpu: (cpuOf(pid) - before) / times.length, times };
}

function get({ phones }: ServedFleet, port: number, agent: Agent, n: number): Promise<number> {
  const { mac, login } = phones[n % phones.length]!;
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const headers = { 'user-agent': 'FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 Type/Application', authorization };
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: `/${mac}-phonectl.cfg`, agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - start);
        else reject(new Error(`${mac}: ${response.statusCode}`));
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** As an administrator does it: a process of its own. */
async function startChange(fleet: ServedFleet, value: number): Promise<void> {
  const root = join(import.meta.dirname, '..');
  const bin = join(
    root,
    'bin',
    process.env['BENCH_SOURCE'] !== '1' && existsSync(join(root, 'dist/cli.cjs')) ? 'run.js' : 'dev.js',
  );
  const child = spawn(process.execPath, [bin, 'profile', 'set', 'all', `${PARAMETER}=${value}`, '--yes', '--quiet'], {
    env: fleet.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = (await once(child, 'exit')) as [number];
  if (status !== 0) throw new Error(`the change ended with ${status}`);
}
