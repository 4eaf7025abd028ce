/** A store with devices, and phones that do as they are told, for tests of the engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence, EvidenceKind } from '../../src/sdk/ports/evidence.ts';
import type { NewTarget, Strategy, TargetState } from '../../src/sdk/ports/tasks.ts';
import { openStore, type SqliteStore } from '../../src/store/store.ts';
import type { AttemptOutcome, Pace, ProbeResult, TaskAction } from '../../src/tasks/action.ts';
import { DEFAULT_STRATEGY } from '../../src/tasks/strategy.ts';

/** The engine's times, shortened. */
export const QUICK: Pace = {
  lease: 600,
  evidence: 10,
  probe: { first: 30, longest: 60 },
  backoff: 20,
  idle: { again: 20, longest: 60_000 },
};

/** Phones that do what they are told are waited for as long as it takes: no test is lost to a busy machine. */
export const STRATEGY: Strategy = { ...DEFAULT_STRATEGY, concurrency: 10, attempts: 3, timeout: 60_000 };
/** Where nothing comes of a command, that is told soon; use it with phones that boot at once or never. */
export const IMPATIENT: Strategy = { ...STRATEGY, timeout: 400 };

export const CLOCK = { now: () => Date.now() };

export interface TaskFixture {
  readonly path: string;
  readonly store: SqliteStore;
  readonly deviceIds: readonly number[];
  /** A task with one run over these devices (all by default). */
  makeTask(
    strategy?: Strategy,
    deviceIds?: readonly number[],
    targets?: readonly NewTarget[],
  ): Promise<{ taskId: number; runId: number }>;
  evidence(deviceId: number, kind?: EvidenceKind): Promise<void>;
  states(runId: number): Promise<Record<number, TargetState>>;
  close(): Promise<void>;
}

export async function taskFixture(devices: number): Promise<TaskFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-tasks-'));
  const path = join(folder, 'phonectl.db');
  const store = openStore({ path, create: true });
  const { writer } = store.raw;
  // What is lost when a process dies is what these tests are about, and not when the power goes.
  writer.exec('PRAGMA synchronous = OFF');
  writer.exec(`INSERT INTO enterprise (id, name, created_at) VALUES (1, 'Acme', 0);
    INSERT INTO site (id, enterprise_id, kind, name, name_key, created_at, updated_at) VALUES (1, 1, 'company', 'Acme', 'acme', 0, 0);`);
  const insert = writer.prepare(
    `INSERT INTO device (id, enterprise_id, mac, name, site_id, created_at, updated_at) VALUES (?, 1, ?, ?, 1, 0, 0)`,
  );
  const deviceIds = Array.from({ length: devices }, (_, index) => index + 1);
  for (const id of deviceIds) insert.run(id, `0004f2${id.toString(16).padStart(6, '0')}`, `phone-${id}`);
  return {
    path,
    store,
    deviceIds,
    makeTask: (strategy = STRATEGY, chosen = deviceIds, targets = undefined) =>
      store.transaction(({ tasks }) =>
        tasks.create(
          {
            name: 'Apply-Reboot-test',
            type: 'reboot',
            content: {},
            selector: { all: true },
            strategy,
            schedule: { kind: 'now' },
            scope: 'all',
            createdBy: 'tester',
            createdKind: 'local',
            at: Date.now(),
          },
          targets ?? chosen.map((deviceId) => ({ deviceId, wave: 1, source: null, zone: null })),
        ),
      ),
    evidence: (deviceId, kind = 'boot') =>
      store.transaction(({ evidence }) =>
        evidence.append([{ deviceId, at: Date.now(), kind, address: null, detail: {} }]),
      ),
    states: async (runId) =>
      Object.fromEntries((await store.read.tasks.targets(runId)).map(({ deviceId, state }) => [deviceId, state])),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a phone does with each command; the last one goes for all further ones. */
export type Behaviour = (
  | AttemptOutcome
  /** Takes the command and boots a moment later. */
  | 'boots'
  /** Takes the command, and is seen to boot before its answer is: no time-out can be faster. */
  | 'boots-at-once'
  /** Says nothing and boots all the same, at once. */
  | 'boots-silently'
  /** Takes the command and does nothing. */
  | 'ignores'
)[];

/** An action whose phones follow a script and leave evidence in the store. */
export class ScriptedPhones implements TaskAction {
  readonly repeatable = false;
  /** Every command that reached a phone, in order. */
  readonly sent: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  /** Called with each command. */
  onSent: () => void = () => undefined;
  readonly #fixture: TaskFixture;
  readonly #script: (deviceId: number) => Behaviour;
  readonly #commands = new Map<number, number>();
  readonly #probes: ((deviceId: number, elapsed: number) => ProbeResult) | undefined;

  constructor(
    fixture: TaskFixture,
    script: (deviceId: number) => Behaviour,
    probes?: (deviceId: number, elapsed: number) => ProbeResult,
  ) {
    this.#fixture = fixture;
    this.#script = script;
    this.#probes = probes;
    if (probes === undefined) delete (this as { probe?: unknown }).probe;
  }

  async attempt(deviceId: number): Promise<AttemptOutcome> {
    const number = this.#commands.get(deviceId) ?? 0;
    this.#commands.set(deviceId, number + 1);
    const script = this.#script(deviceId);
    const behaviour = script[Math.min(number, script.length - 1)] ?? 'ignores';
    this.sent.push(deviceId);
    this.onSent();
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await new Promise((resolve) => setTimeout(resolve, 3));
    this.inFlight -= 1;
    if (typeof behaviour === 'object') return behaviour;
    if (behaviour === 'boots') setTimeout(() => void this.#fixture.evidence(deviceId), 15);
    else if (behaviour !== 'ignores') await this.#fixture.evidence(deviceId);
    if (behaviour === 'boots-silently') return { outcome: 'unreachable', reason: 'no answer', sent: true };
    return { outcome: 'accepted', via: 'rest' };
  }

  proof(evidence: Evidence): string | undefined {
    return evidence.kind === 'boot' ? `booted (${evidence.id})` : undefined;
  }

  probe? = async (deviceId: number, elapsed: number): Promise<ProbeResult> => {
    return this.#probes?.(deviceId, elapsed) ?? { done: undefined, seen: 'it cannot be asked', stop: true };
  };
}
