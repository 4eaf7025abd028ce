/** What the engine needs of a kind of task, and what it tells while it runs. It knows no vendor and no phone. */
import type { Evidence, EvidenceRepository } from '../sdk/ports/evidence.ts';
import type {
  ReasonCode,
  Strategy,
  TargetRecord,
  TargetState,
  TaskCounters,
  TaskRepository,
} from '../sdk/ports/tasks.ts';

/** What came of sending the command once. `accepted` is not success: evidence is (design.md section 7). */
export type AttemptOutcome =
  | {
      readonly outcome: 'accepted';
      readonly via: string;
      /** What showed already that it was done, in words. */
      readonly evidence?: string;
    }
  /** This device cannot do it, ever. */
  | { readonly outcome: 'not-applicable'; readonly reason: string }
  /** Not now, and nothing was done; milliseconds after which it may be. */
  | { readonly outcome: 'busy'; readonly reason: string; readonly retryAfter?: number }
  /** It has, or is, already what it should: nothing was sent. */
  | { readonly outcome: 'unneeded'; readonly reason: string }
  /** It is away, and gets what it should by itself when it comes back: nothing is left to do here. */
  | { readonly outcome: 'later'; readonly reason: string }
  /** It said no; asking again would not help. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** No answer. `sent` false: the command has not left us for sure; true: it may have arrived. `retry` false: no use. */
  | { readonly outcome: 'unreachable'; readonly reason: string; readonly sent: boolean; readonly retry?: boolean };

/**
 * What asking the phone itself showed: it did it (`more`: one part of it, and the next can be sent); it answers and did
 * not (`final`: and will not, `code`: for a reason that is known); or it cannot be told (`stop`: and asking again is no
 * use; `silent`: it took the command and does not answer any more, which whoever takes over has to know). `seen` is for
 * people, when there is no proof in the end.
 */
export type ProbeResult =
  | { readonly done: true; readonly evidence: string; readonly more?: true }
  | { readonly done: false; readonly seen: string; readonly final?: true; readonly code?: ReasonCode }
  | { readonly done: undefined; readonly seen: string; readonly stop?: boolean; readonly silent?: boolean };

/** What an earlier runner saw: whether the phone took the command, and whether it stopped answering after that. */
export interface Known {
  readonly accepted: boolean;
  readonly silent: boolean;
}

export interface TaskAction {
  /** Sends the command to the phone once. Throws only when something in phonectl is broken. */
  attempt(deviceId: number, signal: AbortSignal): Promise<AttemptOutcome>;
  /** Says in words how this evidence proves that the phone did it; `undefined` when it does not. */
  proof(evidence: Evidence): string | undefined;
  /** Whether evidence that is no proof is a reason to ask the phone now. */
  suggests?(evidence: Evidence): boolean;
  /** When it is asked for the first time, where that can be sooner than of other kinds. Milliseconds. */
  readonly firstLook?: number;
  /** Asks the phone itself whether it did it since the command was sent, `elapsed` milliseconds ago. */
  probe?(deviceId: number, elapsed: number, signal: AbortSignal): Promise<ProbeResult>;
  /**
   * Takes back what was prepared for the phone, before its target comes to rest without success: final, or waiting for
   * another try. Called again when a runner died in between.
   */
  withdraw?(deviceId: number, state: TargetState): Promise<void>;
  /** Called before it is looked for the effect of what an earlier runner may have sent to the phone. */
  recall?(deviceId: number, known: Known): Promise<void>;
  /** False for a command that must not be repeated when it may have been done, such as a reboot. */
  readonly repeatable: boolean;
}

/** The store as the engine sees it. */
export interface TaskStore {
  readonly read: { readonly tasks: TaskRepository; readonly evidence: EvidenceRepository };
  transaction<T>(work: (repositories: { readonly tasks: TaskRepository }) => Promise<T>): Promise<T>;
}

export interface TaskClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Times that tests shorten. Milliseconds. */
export interface Pace {
  /** How long a runner may be silent before another takes over its phones. */
  readonly lease: number;
  /** How often new evidence is looked for. */
  readonly evidence: number;
  /** When the phone itself is asked for the first time after the command, and the longest pause between two questions. */
  readonly probe: { readonly first: number; readonly longest: number };
  /** First pause before a retry; doubles each time, with jitter. */
  readonly backoff: number;
  /** With `whenIdle`: pause before a phone in a call is looked at again, and how long it is waited for in all. */
  readonly idle: { readonly again: number; readonly longest: number };
}

export const PACE: Pace = {
  // A dead runner's phones are taken over in under 30 s (issue of the task engine).
  lease: 20_000,
  evidence: 300,
  probe: { first: 3_000, longest: 10_000 },
  backoff: 2_000,
  idle: { again: 5_000, longest: 12 * 3_600_000 },
};

/** A step of one target, as it was written to the store. */
export interface TargetEvent {
  readonly deviceId: number;
  readonly state: TargetRecord['state'];
  readonly code: ReasonCode | null;
  readonly reason: string | null;
  readonly evidence: string | null;
  readonly via: string | null;
  readonly attempts: number;
}

export interface RunOptions {
  readonly runId: number;
  readonly strategy: Strategy;
  readonly action: TaskAction;
  readonly store: TaskStore;
  readonly clock: TaskClock;
  /** Stops starting; what is in flight is finished. */
  readonly signal: AbortSignal;
  /** Leaves what is in flight to the next runner, at once: for a server that is told to stop. */
  readonly abandon?: AbortSignal;
  readonly onEvent?: (event: TargetEvent) => void;
  readonly pace?: Pace;
  /** Name of this runner, if the run was made in its hands; see `newRunner`. */
  readonly owner?: string;
}

export interface RunOutcome {
  /** `stopped`: the signal; `halted`: too many failures. */
  readonly end: 'done' | 'stopped' | 'halted';
  readonly counters: TaskCounters;
}
