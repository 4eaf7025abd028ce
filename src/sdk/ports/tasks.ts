/**
 * Tasks as they are stored: a definition, its runs, one target per device and run (design.md section 7). Progress is in
 * the store before it is anywhere else; a target belongs to the runner that holds its lease.
 */
import type { DataScope } from '../context.ts';

/**
 * - `pending`: nobody works on it (perhaps not before a certain time)
 * - `leased`: a runner has it and has sent nothing yet
 * - `running`: the command may have been sent; the phone has not been seen to have done it
 * - the others are final
 */
export type TargetState = 'pending' | 'leased' | 'running' | FinalState;
export type FinalState = 'success' | 'failure' | 'not-applicable' | 'skipped';

/**
 * Why a target stands where it does, for programs; `reason` says it for people.
 * - `unreachable`: the command never reached the phone
 * - `refused`: the phone said no · `busy`: in a call or occupied · `unsupported`: this device cannot do it
 * - `unconfirmed`: it took the command, or may have, and was not seen to do it
 */
export type ReasonCode = 'unreachable' | 'refused' | 'busy' | 'unsupported' | 'unconfirmed';

export const FINAL_STATES: readonly FinalState[] = ['success', 'failure', 'not-applicable', 'skipped'];

/** TASK-22; `halted`: stopped by its own limit of failures; `paused`: stopped by somebody, and nobody goes on unasked. */
export type RunState = 'scheduled' | 'executing' | 'paused' | 'done' | 'halted';

/** How a run goes through its targets. */
export interface Strategy {
  /** Phones at the same time, from the command until they are back. */
  readonly concurrency: number;
  /** Phones begun per second at the most. */
  readonly rate?: number;
  /** The run halts when more than this many failed: a number, or a share of all as `5%`. */
  readonly maxFailures?: number | `${number}%`;
  /** How often a phone is tried before it counts as failed. */
  readonly attempts: number;
  /** Milliseconds that a phone has to show that it did it. */
  readonly timeout: number;
}

export interface NewTask {
  /** Shown to people; TASK-30: `Apply-Reboot-…`. */
  readonly name: string;
  /** `reboot`, `check-sync`, … */
  readonly type: string;
  /** Parameters of the type; never a secret. */
  readonly content: Readonly<Record<string, unknown>>;
  /** What selected the devices. */
  readonly selector: Readonly<Record<string, unknown>>;
  readonly strategy: Strategy;
  readonly createdBy: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface TaskCounters {
  readonly total: number;
  readonly success: number;
  readonly failure: number;
  readonly notApplicable: number;
  readonly skipped: number;
  /** Pending, leased and running ones. */
  readonly inProgress: number;
}

export interface TaskRecord extends NewTask {
  readonly id: number;
  /** The newest run. */
  readonly runId: number;
  /** How often it has run; 1 for the first. */
  readonly runs: number;
  readonly state: RunState;
  /** Why it halted. */
  readonly reason: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly counters: TaskCounters;
}

export interface TargetRecord {
  readonly runId: number;
  readonly deviceId: number;
  readonly position: number;
  readonly state: TargetState;
  /** How often it was tried. */
  readonly attempts: number;
  readonly code: ReasonCode | null;
  readonly reason: string | null;
  /** What showed that the phone did it. */
  readonly evidence: string | null;
  /** The transport that was used. */
  readonly via: string | null;
  /** Evidence above this counts; noted before the first command. */
  readonly mark: number | null;
  /** When a command may have reached the phone; null when none has, for sure. Milliseconds since the epoch. */
  readonly sentAt: number | null;
  readonly notBefore: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** A target with its device, for people; a deleted device has neither MAC nor name. */
export interface NamedTarget extends TargetRecord {
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string | null;
}

export interface TargetChange {
  readonly deviceId: number;
  readonly state: TargetState;
  readonly attempts: number;
  readonly code: ReasonCode | null;
  readonly reason: string | null;
  readonly evidence: string | null;
  readonly via: string | null;
  readonly mark: number | null;
  readonly sentAt: number | null;
  readonly notBefore: number | null;
  /** Milliseconds since the epoch: when this became so. */
  readonly at: number;
}

export interface Lease {
  /** Name of the runner; unique over processes and time. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly until: number;
}

export interface TaskQuery {
  readonly search?: string;
  readonly type?: string;
  readonly state?: RunState;
  /** Created at or after, before; milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  /** Only tasks whose devices are all of these sites; `all` by default. */
  readonly scope?: DataScope;
}

export interface TaskRepository {
  /**
   * A task with its first run, ready to be executed, and one pending target per device in this order. With `holder` the
   * run is in the hands of that runner from the start, and no other looks for it.
   */
  create(task: NewTask, deviceIds: readonly number[], holder?: Lease): Promise<{ taskId: number; runId: number }>;
  /** One more run of the task, with these devices; `undefined` when there is no such task. */
  addRun(taskId: number, deviceIds: readonly number[], at: number, holder?: Lease): Promise<number | undefined>;
  /** With a scope only if all its devices are within it. */
  get(taskId: number, scope?: DataScope): Promise<TaskRecord | undefined>;
  /** Newest first. */
  list(query?: TaskQuery): Promise<readonly TaskRecord[]>;
  /** Targets of a run in their order. */
  targets(runId: number, states?: readonly TargetState[]): Promise<readonly NamedTarget[]>;
  counters(runId: number): Promise<TaskCounters>;
  /** Tasks whose newest run is in nobody's hands and not finished. */
  orphaned(now: number): Promise<readonly TaskRecord[]>;
  /** Takes the run in hand unless a living runner has it; tells whether it did. */
  hold(runId: number, lease: Lease): Promise<boolean>;

  /**
   * Takes up to `limit` targets: those whose runner has died, then pending ones in order. Never a device that a target
   * of another run is being worked on for. A target that was `running` stays so: the command may have been sent.
   */
  claim(runId: number, lease: Lease, limit: number): Promise<readonly TargetRecord[]>;
  /** Keeps the runner's leases of runs and targets for longer. */
  renew(lease: Lease): Promise<void>;
  /** Gives the run back, and leased targets that nothing was sent for. */
  release(runId: number, owner: string): Promise<void>;
  /** Writes progress of targets that `owner` still holds. Returns the devices whose lease it has lost: not written. */
  record(runId: number, owner: string, changes: readonly TargetChange[]): Promise<readonly number[]>;
  setRunState(runId: number, state: RunState, at: number, reason?: string): Promise<void>;
}
