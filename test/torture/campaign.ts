/**
 * A campaign over lab phones whose server is killed on the way: the CLI makes the task, `serve` runs it, the phones are
 * the lab's, and their own boot counters are held against what phonectl believes (acceptance 1 of the task engine).
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskSnapshot } from '../../src/sdk/tasks/read.ts';
import { runCli, startCli } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';

export interface Campaign {
  readonly phones: number;
  readonly kills: number;
  /** Phones that are away at the same time. */
  readonly concurrency: number;
  /** How much faster than real ones the phones reboot: they must be away for longer than the server. */
  readonly speed: number;
}

export interface CampaignReport {
  readonly task: number;
  readonly killed: number;
  readonly success: number;
  readonly failure: number;
  /** Reboots by the phones' own count. */
  readonly reboots: number;
  /** Phones that rebooted more than once. */
  readonly twice: readonly string[];
  readonly reasons: readonly string[];
}

export async function rebootUnderKills({ phones, kills, concurrency, speed }: Campaign): Promise<CampaignReport> {
  const port = await freePort();
  await using home = await makeHome({ certificates: true, url: `https://127.0.0.1:${port}` });
  await using server = new KilledServer(home);
  await server.start();
  const stop = new AbortController();
  const { ended } = await playing(home, phones, speed, stop.signal);
  try {
    const before = await bootCounts(home);
    const made = await runCli(
      [
        'device',
        'reboot',
        '--all',
        '--yes',
        '--canary',
        '2',
        '--batch',
        '20%',
        '--max-failures',
        '5%',
        '--no-wait',
      ].concat(['--concurrency', String(concurrency), '--rate-per-source', '500', '--timeout', '60', '--json']),
      { home: home.path, env: home.env, timeout: 60_000 },
    );
    assert.equal(made.status, 8, made.stderr);
    const { task } = JSON.parse(made.stdout) as { task: number };
    const shown = await runCli(['task', 'show', String(task), '--json'], {
      home: home.path,
      env: home.env,
      timeout: 60_000,
    });
    const { state, counters } = JSON.parse(shown.stdout);
    assert.equal(state, 'executing');
    assert.deepEqual(Object.keys(counters).sort(), [
      'failure',
      'inProgress',
      'notApplicable',
      'skipped',
      'success',
      'total',
    ]);
    assert.equal(counters.total, phones);

    let killed = 0;
    let last: TaskSnapshot | undefined;
    for await (const snapshot of home.phonectl.tasks.watch({ task, interval: 100 })) {
      last = snapshot;
      const finished = snapshot.counters.total - snapshot.counters.inProgress;
      if (killed < kills && finished >= (phones * (killed + 1)) / (kills + 2)) {
        await server.kill();
        killed += 1;
        await server.start();
      }
    }
    const { results } = await home.phonectl.tasks.show({ task });
    const reasons = results
      .filter(({ result }) => result === 'failure')
      .map(({ device, reason }) => `${device}: ${reason}`);
    assert.equal(last?.state, 'done', [last?.reason, ...reasons].join('\n'));
    // Phones that were rebooted last come up after they were believed to.
    await sleep(1000);
    const after = await bootCounts(home);
    const reboots = [...after].map(([mac, count]) => [mac, count - (before.get(mac) ?? 0)] as const);
    return {
      task,
      killed,
      success: last.counters.success,
      failure: last.counters.failure,
      reboots: reboots.reduce((sum, [, count]) => sum + count, 0),
      twice: reboots.filter(([, count]) => count > 1).map(([mac]) => mac),
      reasons,
    };
  } finally {
    stop.abort();
    await ended;
  }
}

/** Starts the lab and returns when every phone holds its configuration; `ended` resolves with the lab. */
async function playing(
  home: TestHome,
  phones: number,
  speed: number,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  const events = home.phonectl.simulator.play({ phones, speed, signal })[Symbol.asyncIterator]();
  for (let next = await events.next(); ; next = await events.next()) {
    assert.notEqual(next.done, true, 'the lab has ended');
    if (next.value.type === 'running') break;
  }
  return {
    ended: (async () => {
      for (let next = await events.next(); next.done !== true; next = await events.next());
    })(),
  };
}

async function bootCounts(home: TestHome): Promise<ReadonlyMap<string, number>> {
  const { phones } = await home.phonectl.simulator.status();
  return new Map(phones.map(({ mac, bootCount }) => [mac, bootCount]));
}

class KilledServer {
  readonly #home: TestHome;
  #child: ChildProcess | undefined;

  constructor(home: TestHome) {
    this.#home = home;
  }

  async start(): Promise<void> {
    const child = startCli(['serve', '--json', '--without-account'], { home: this.#home.path, env: this.#home.env });
    this.#child = child;
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (status) => reject(new Error(`serve ended with ${status}: ${words}`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A port that is free now; the server takes it a moment later. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no free port'));
        else resolve(address.port);
      });
    });
  });
}
