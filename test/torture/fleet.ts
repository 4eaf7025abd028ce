/** A fleet to be tortured: a home, a server that can be killed, and lab phones that count their boots themselves. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabFaults, LabPhoneSpec } from '../../src/lab/index.ts';
import { type MadeUpFleet, type Mix, madeUpFleet } from '../../src/sdk/lab/fleet.ts';
import { type RunResult, runCli, startCli } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import type { Order, PlayedPhone } from './lab-process.ts';

/** A server that works less than this, in seconds of CPU for each second, is at rest. */
const QUIET = 0.1;
/** USER_HZ, which is 100 wherever Linux runs. */
const TICKS = 100;

/** Phones of one process of the lab. */
const PART = 5000;

export interface FleetOptions {
  readonly phones: number;
  /** How much faster than real ones the phones reboot. */
  readonly speed: number;
  readonly mix: Mix;
}

export class Fleet implements AsyncDisposable {
  readonly home: TestHome;
  readonly server: Server;
  readonly #labs: readonly LabPart[];

  private constructor(home: TestHome, server: Server, labs: readonly LabPart[]) {
    this.home = home;
    this.server = server;
    this.#labs = labs;
  }

  /** Starts server and phones, and returns when every phone has its configuration. */
  static async start({ phones, speed, mix }: FleetOptions): Promise<Fleet> {
    const port = await freePort();
    const home = await makeHome({ certificates: true, url: `https://127.0.0.1:${port}` });
    const server = new Server(home);
    const labs: LabPart[] = [];
    const fleet = new Fleet(home, server, labs);
    try {
      await server.start();
      const specs = await fleet.#enlist(madeUpFleet(phones, mix, () => 'a password of the lab'));
      const ca = readFileSync(join(home.path, 'tls', 'ca.pem'), 'utf8');
      for (let start = 0; start < specs.length; start += PART) {
        const own = specs.slice(start, start + PART);
        labs.push(await LabPart.start({ phones: own, ca: certificateOf(ca), speed, sipPort: 0 }));
      }
      await fleet.#place(specs);
      await fleet.running();
      await server.quiet();
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #enlist(fleet: MadeUpFleet): Promise<(LabPhoneSpec & { id: number })[]> {
    const { accounts, devices, lab } = this.home.phonectl;
    await accounts.import({ source: bytes(fleet.accounts), update: 'merge' });
    await devices.import({ source: bytes(fleet.devices), update: 'skip' });
    const { players, server, credential } = await lab.enlist({ selector: { all: true } });
    return players.map(({ id, mac, vendor, model, address }) => ({
      id,
      mac,
      vendor,
      model,
      address,
      server,
      // A factory Cisco phone has no way to send an account (design.md section 6).
      ...(vendor !== 'cisco' && { credential }),
    }));
  }

  async #place(specs: readonly (LabPhoneSpec & { id: number })[]): Promise<void> {
    const urls = new Map((await this.phones()).map(({ mac, controlUrl }) => [mac, controlUrl]));
    await this.home.phonectl.lab.place({
      places: specs.map(({ id, mac, address }) => ({ id, mac, address, controlUrl: urls.get(mac) ?? '' })),
    });
  }

  /** Resolves when every phone runs; those that never come back excepted. */
  async running(): Promise<void> {
    await Promise.all(this.#labs.map((lab) => lab.tell({ type: 'running', timeout: 1_200_000 })));
  }

  async phones(): Promise<readonly PlayedPhone[]> {
    return (await Promise.all(this.#labs.map((lab) => lab.tell({ type: 'phones' })))).flat();
  }

  async bootCounts(): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.phones()).map(({ mac, bootCount }) => [mac, bootCount]));
  }

  async setFaults(macs: readonly string[], faults: LabFaults): Promise<void> {
    await Promise.all(
      this.#labs.map((lab) => lab.tell({ type: 'faults', macs: macs.filter((mac) => lab.has(mac)), faults })),
    );
  }

  /** Runs a command of phonectl over this home. */
  run(...argv: readonly string[]): Promise<RunResult> {
    return runCli(argv, { home: this.home.path, env: this.home.env, timeout: 1_800_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lab of this.#labs) lab.stop();
    await this.server.kill();
    await this.home.remove();
  }
}

/** One process of the lab. */
class LabPart {
  readonly #child: ChildProcess;
  readonly #macs: ReadonlySet<string>;

  private constructor(child: ChildProcess, macs: ReadonlySet<string>) {
    this.#child = child;
    this.#macs = macs;
  }

  static async start(options: Extract<Order, { type: 'play' }>['options']): Promise<LabPart> {
    const child = fork(join(import.meta.dirname, 'lab-process.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const part = new LabPart(child, new Set(options.phones.map(({ mac }) => mac)));
    await part.tell({ type: 'play', options });
    return part;
  }

  has(mac: string): boolean {
    return this.#macs.has(mac);
  }

  /** One order after the other. */
  tell(order: Order): Promise<readonly PlayedPhone[]> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('the lab has ended'));
      this.#child.once('exit', gone);
      this.#child.once('message', (answer: { phones: readonly PlayedPhone[] } | { error: string }) => {
        this.#child.removeListener('exit', gone);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.phones);
      });
      this.#child.send(order);
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** `phonectl serve`, which is killed and started again. */
export class Server {
  readonly #home: TestHome;
  #child: ChildProcess | undefined;
  #words = '';

  constructor(home: TestHome) {
    this.#home = home;
  }

  /** What it has said on stderr since it was started last. */
  get words(): string {
    return this.#words;
  }

  get pid(): number {
    return this.#child?.pid ?? assert.fail('it was never started');
  }

  /** Returns when it listens; `env` is for what makes it die by itself. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const argv = ['serve', '--json', '--without-account'];
    const child = startCli(argv, { home: this.#home.path, env: { ...this.#home.env, ...env } });
    this.#child = child;
    this.#words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#words += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (status, signal) => {
        // Killed on its way up is what some ask for.
        if (signal === 'SIGKILL') resolve();
        else reject(new Error(`serve ended with ${status}: ${this.#words}`));
      });
    });
    child.stdout?.resume();
  }

  get isAlive(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves when it has worked off what thousands of first boots have left it: a campaign meets a server at rest. */
  async quiet(): Promise<void> {
    for (let before = this.#cpu(); ; ) {
      await sleep(1000);
      const now = this.#cpu();
      if (now - before < QUIET) return;
      before = now;
    }
  }

  /** Seconds that its process has worked so far; see proc(5), `stat`. */
  #cpu(): number {
    const [, fields = ''] = readFileSync(`/proc/${this.#child?.pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return ((user ?? 0) + (system ?? 0)) / TICKS;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isAlive) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

/** Phones that rebooted more often than allowed between two counts. */
export function rebootedMoreThan(
  times: number,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...after].filter(([mac, count]) => count - (before.get(mac) ?? 0) > times).map(([mac]) => mac);
}

function certificateOf(pem: string): string {
  const [certificate] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  assert.ok(certificate);
  return certificate;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
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
