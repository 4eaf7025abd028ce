/**
 * Tasks as they are stored: a definition, its runs, one target per device and run (design.md section 7). Progress is in
 * the store before it is anywhere else; a target belongs to the runner that holds its lease.
 */
import type { Actor, DataScope } from '../context.ts';

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
 * - `unneeded`: it has already what it should
 * - `silent`, of one that is being worked on: it took the command, and has stopped answering since
 */
export type ReasonCode = 'unreachable' | 'refused' | 'busy' | 'unsupported' | 'unconfirmed' | 'unneeded' | 'silent';

export const FINAL_STATES: readonly FinalState[] = ['success', 'failure', 'not-applicable', 'skipped'];

/**
 * TASK-22; `halted`: stopped by its own limit of failures; `paused`: stopped by somebody, and nobody goes on unasked;
 * `missed`: nobody was there at its time, and it was not to be caught up.
 */
export type RunState = 'executing' | 'paused' | 'done' | 'halted' | 'missed';

/** TASK-12: of a task that has not run yet, and of a timer between its runs. */
export type WaitingState = 'scheduled' | 'paused' | 'ended' | 'cancelled';
export type TaskState = RunState | WaitingState;

/** A number, or a share of all as `5%`. */
export type Amount = number | `${number}%`;

/** How a run goes through its targets. */
export interface Strategy {
  /** Phones at the same time, from the command until they are back. */
  readonly concurrency: number;
  /** Phones begun per second at the most. */
  readonly rate?: number;
  /** The same for the phones behind one address. */
  readonly ratePerSource?: number;
  /** The run halts when more than this many failed; a share is one of those that are finished, from 20 on. */
  readonly maxFailures?: Amount;
  /** So many of each model go first; if too many of them fail, nothing else begins. */
  readonly canary?: Amount;
  /** The others go in batches of this many, site after site, one batch after the other. */
  readonly batch?: Amount;
  /** Milliseconds between the end of a wave and the beginning of the next. */
  readonly pauseBetween?: number;
  /** Phones are begun at these times only, in the time zone of their site: `22:00-05:00`. */
  readonly window?: string;
  /** Waits for a phone in a call instead of leaving it out. */
  readonly whenIdle?: boolean;
  /** Sends nothing: phones get what is waiting at their next poll (TASK-02 "skip"). */
  readonly skip?: boolean;
  /** How often a phone is tried before it counts as failed. */
  readonly attempts: number;
  /** Milliseconds that a phone has to show that it did it. */
  readonly timeout: number;
}

/** When a task runs. */
export type Schedule =
  | { readonly kind: 'now' }
  | {
      readonly kind: 'at';
      /** Milliseconds since the epoch. */
      readonly at: number;
      readonly missed: Missed;
    }
  | {
      readonly kind: 'repeat';
      /** Five fields as in crontab(5). */
      readonly cron: string;
      /** IANA name. */
      readonly timeZone: string;
      readonly missed: Missed;
    };

/** What becomes of a time at which nobody was there to run it: it is caught up once, or left out. */
export type Missed = 'run' | 'skip';

/** Whose rights count for a task, or for a run of it. */
export interface Holder {
  readonly name: string;
  readonly kind: Actor['kind'];
  readonly scope: DataScope;
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
  readonly schedule: Schedule;
  /** Whose devices: those that its maker may see, whenever it runs. */
  readonly scope: DataScope;
  readonly createdBy: string;
  /** With its name, whose rights count when it runs. */
  readonly createdKind: Actor['kind'];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A device that a run is about, where it stands in it. */
export interface NewTarget {
  readonly deviceId: number;
  /** 0 is the canary. */
  readonly wave: number;
  /** What it shares a line with: the address of its network. */
  readonly source: string | null;
  /** IANA name of its site's time zone. */
  readonly zone: string | null;
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
  readonly version: number;
  /** The newest run; null before the first. */
  readonly runId: number | null;
  /** How often it has run. */
  readonly runs: number;
  readonly state: TaskState;
  /** Of the newest run; null before the first. */
  readonly runState: RunState | null;
  /** When it is due next; null when it is not. Milliseconds since the epoch. */
  readonly nextAt: number | null;
  /** Who answers for the newest run; null while it is the maker. */
  readonly holder: Holder | null;
  /** Why it halted or stopped. */
  readonly reason: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly counters: TaskCounters;
}

/** Where a run stands, for the one who runs it. */
export interface RunProgress {
  readonly state: RunState;
  readonly counters: TaskCounters;
  /** Leased and running ones in the hands of a living runner. */
  readonly inFlight: number;
  /** Those whose runner has died. */
  readonly abandoned: number;
  /** The first wave that is not finished; `undefined` when all are. */
  readonly wave: number | undefined;
}

export interface WaveCounters extends TaskCounters {
  readonly wave: number;
  /** Those that a command may have been sent to. */
  readonly running: number;
  /** When the last of its phones so far was finished. */
  readonly endedAt: number | null;
}

/** A target that could be begun. */
export interface Candidate {
  readonly deviceId: number;
  readonly source: string | null;
  readonly zone: string | null;
}

export interface CandidateQuery {
  readonly wave: number;
  readonly now: number;
  readonly limit: number;
  /** Not from these sources and time zones. */
  readonly withoutSources: readonly string[];
  readonly withoutZones: readonly string[];
}

export interface TargetRecord {
  readonly runId: number;
  readonly deviceId: number;
  readonly position: number;
  readonly wave: number;
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
  readonly state?: TaskState;
  /** True: only timers, which repeat; false: only the others. */
  readonly repeating?: boolean;
  /** Created at or after, before; milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  /** Only tasks whose devices are all of these sites; `all` by default. */
  readonly scope?: DataScope;
}

/** A time of a task, being run. */
export interface NewRun {
  /** What it is the run of: a moment for a timer, a number for anything else. Only one run has it. */
  readonly occurrence: string;
  /** Milliseconds since the epoch: when it was due, and now. */
  readonly dueAt: number;
  readonly at: number;
  readonly targets: readonly NewTarget[];
  /** Who began it, if that is not the maker of the task. */
  readonly holder?: Holder;
  readonly state?: 'executing' | 'missed';
  readonly reason?: string;
}

/** What may be changed of a task that has not begun (TASK-13, TASK-25). */
export type TaskEdit = Partial<Pick<NewTask, 'name' | 'content' | 'selector' | 'strategy' | 'schedule'>>;

/** What became of a device in a run of a task. */
export interface DeviceTask extends TargetRecord {
  readonly task: number;
  readonly name: string;
  readonly type: string;
}

export interface TaskRepository {
  /** A task without a run; `next` says when it is due. */
  define(task: NewTask, next: { readonly at: number; readonly state?: WaitingState } | undefined): Promise<number>;
  /**
   * A task with its first run, ready to be executed, and one pending target per device in this order. With `holder` the
   * run is in the hands of that runner from the start, and no other looks for it.
   */
  create(task: NewTask, targets: readonly NewTarget[], holder?: Lease): Promise<{ taskId: number; runId: number }>;
  /** One more run of the task; `undefined` when there is no such task or the occurrence has been run already. */
  addRun(taskId: number, run: NewRun, holder?: Lease): Promise<number | undefined>;
  /** With a scope only if all its devices are within it. */
  get(taskId: number, scope?: DataScope): Promise<TaskRecord | undefined>;
  /** Newest first. */
  list(query?: TaskQuery): Promise<readonly TaskRecord[]>;
  /** Tasks whose newest run is being executed, by whomever. */
  executing(): Promise<readonly TaskRecord[]>;
  /** Whose rights count for the run from now on. */
  handOver(runId: number, holder: Holder): Promise<void>;
  /** Tasks whose newest run is in nobody's hands and not finished. */
  orphaned(now: number): Promise<readonly TaskRecord[]>;
  /** Tasks whose time has come, and those that were planned by a clock that was ahead of this one. */
  due(now: number): Promise<readonly TaskRecord[]>;
  /** When the next task is due, of all. */
  nextDue(): Promise<number | undefined>;
  hasRun(taskId: number, occurrence: string): Promise<boolean>;
  /** Says when it is due next, if that is still `expected`; tells whether it was. */
  plan(taskId: number, expected: number | null, nextAt: number | null, now: number): Promise<boolean>;
  setTaskState(taskId: number, state: WaitingState, at: number): Promise<void>;
  edit(taskId: number, edit: TaskEdit, at: number): Promise<void>;
  delete(taskId: number): Promise<void>;

  /** Takes the run in hand unless a living runner has it; tells whether it did. */
  hold(runId: number, lease: Lease): Promise<boolean>;
  setRunState(runId: number, state: RunState, at: number, reason?: string): Promise<void>;
  progress(runId: number, now: number): Promise<RunProgress>;
  waves(runId: number): Promise<readonly WaveCounters[]>;
  /** Targets of a run in their order; with `since` only those that were finished after it. */
  targets(runId: number, states?: readonly TargetState[], since?: number): Promise<readonly NamedTarget[]>;

  /** What tasks did to one device, the newest first. */
  latestOf(deviceId: number, limit: number): Promise<readonly DeviceTask[]>;

  /** Pending targets that could be begun now, in their order. */
  candidates(runId: number, query: CandidateQuery): Promise<readonly Candidate[]>;
  /**
   * Takes targets: those whose runner has died, up to `limit`, then these pending ones. Never its own a second time. Never a device that a target of
   * another run is being worked on for. A target that was `running` stays so: the command may have been sent.
   */
  claim(runId: number, lease: Lease, limit: number, deviceIds: readonly number[]): Promise<readonly TargetRecord[]>;
  /** Keeps the runner's leases of runs and targets for longer. */
  renew(lease: Lease): Promise<void>;
  /** Who holds targets or runs that are not finished. */
  holders(): Promise<readonly string[]>;
  /** Ends all leases of these runners. */
  expire(owners: readonly string[]): Promise<void>;
  /** Gives the run back, and leased targets that nothing was sent for. */
  release(runId: number, owner: string): Promise<void>;
  /** Writes progress of targets that `owner` still holds. Returns the devices whose lease it has lost: not written. */
  record(runId: number, owner: string, changes: readonly TargetChange[]): Promise<readonly number[]>;
  /** Runs that were done before then and still have the results of their devices. */
  runsEndedBefore(at: number): Promise<readonly number[]>;
  /** Removes the results of a run that is done; its counts stay. Returns how many there were. */
  removeResults(runId: number): Promise<number>;
  /** Makes every target that nothing was sent for `skipped`, or those outside of these sites; returns how many there were. */
  skipPending(runId: number, reason: string, at: number, outside?: readonly number[]): Promise<number>;
}
