/** The operation log: handlers of `operations/logs.ts` (LOG-01..05, security.md F-16). */
import { isoTime } from '../access/inputs.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { LogAnchor, LogQuery, StoredLogEntry } from '../ports/log.ts';
import type { Repositories } from '../ports/store.ts';

/** Where the chain begins since the log was last shortened. */
const PRUNED = 'log.pruned';
const ORIGIN: LogAnchor = { id: 0, hash: '' };

const WEEK = 7 * 86_400_000;

/** An entry as callers see it. */
export interface LogLine {
  readonly id: number;
  readonly at: string;
  /** Login name, key id, or the operating-system user. */
  readonly actor: string;
  readonly actorKind: string;
  readonly source: string;
  readonly operation: string;
  readonly object: string;
  readonly result: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

function toLine({ at, ...entry }: StoredLogEntry): LogLine {
  return { ...entry, at: isoTime(at) };
}

export interface LogFilter {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly user?: string | undefined;
  readonly ip?: string | undefined;
  readonly operation?: string | undefined;
  readonly object?: string | undefined;
  readonly result?: 'done' | 'partial' | 'failed' | undefined;
  readonly limit?: number | undefined;
}

/** Newest first. */
export async function* listLog(context: OperationContext, filter: LogFilter): AsyncGenerator<LogLine> {
  const { user, ip, ...rest } = filter;
  const given = Object.fromEntries(
    Object.entries({ ...rest, actor: user, source: ip }).filter(([, v]) => v !== undefined),
  );
  for await (const entry of context.read.log.list({ ...given, ...visible(context) })) yield toLine(entry);
}

function visible({ scope, actor }: OperationContext): Pick<LogQuery, 'within'> {
  return scope === 'all' ? {} : { within: { actor: actor.name, sites: scope } };
}

/** Monday 00:00 UTC of the week of a moment. */
export function startOfWeek(at: number): number {
  const day = Math.floor(at / 86_400_000);
  // 1970-01-01 was a Thursday.
  return (day - ((day + 3) % 7)) * 86_400_000;
}

/** The file of one week, Monday to Sunday or to now, as JSON lines, oldest first (LOG-05). */
export async function* downloadWeek(context: OperationContext, weekOf = context.clock.now()): AsyncGenerator<string> {
  const since = startOfWeek(weekOf);
  const week = { since, until: since + WEEK, oldestFirst: true, ...visible(context) };
  for await (const entry of context.read.log.list(week)) yield `${JSON.stringify(toLine(entry))}\n`;
}

export interface LogProblem {
  readonly id: number;
  readonly problem: 'changed' | 'missing' | 'cut' | 'replaced';
  readonly message: string;
}

export interface LogVerdict {
  readonly entries: number;
  /** Entries before this one were removed by `log prune`. */
  readonly since: number;
  readonly intact: boolean;
  /** The first thousand. */
  readonly problems: readonly LogProblem[];
  /** `<id>:<hash>` of the last entry, to be kept elsewhere; null for an empty log. */
  readonly anchor: string | null;
  /** Whether the anchor that was given is part of the log; null when none was given. */
  readonly anchored: boolean | null;
}

const MOST_PROBLEMS = 1_000;

/**
 * Recomputes the chain. A changed, inserted, moved or removed entry shows by itself; a tail that was cut off, a chain that
 * was forged from some entry on, and an older copy put in place show only against an anchor that was kept elsewhere.
 */
export async function verifyLog(context: OperationContext, given: string | undefined): Promise<LogVerdict> {
  const anchor = given === undefined ? undefined : parseAnchor(given);
  const start = (await context.read.settings.get<LogAnchor>(PRUNED)) ?? ORIGIN;
  const problems: LogProblem[] = [];
  const note = (id: number, problem: LogProblem['problem'], message: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push({ id, problem, message });
  };
  let last = start;
  let entries = 0;
  let anchored = anchor === undefined ? null : anchor.id === start.id && anchor.hash === start.hash;
  for await (const entry of context.read.log.chain(start)) {
    context.signal.throwIfAborted();
    entries += 1;
    if (entry.id !== last.id + 1) note(entry.id, 'missing', `Entries ${last.id + 1} to ${entry.id - 1} are missing.`);
    if (entry.hash !== entry.expected) {
      note(entry.id, 'changed', `Entry ${entry.id} was changed, or what stood before it was.`);
    }
    if (entry.id === anchor?.id) {
      anchored = entry.hash === anchor.hash;
      if (!anchored) note(entry.id, 'replaced', `Entry ${entry.id} is not the one that the anchor was made of.`);
    }
    last = entry;
  }
  if (anchor !== undefined && anchor.id > last.id) {
    note(anchor.id, 'cut', `The log ends with entry ${last.id}, before the anchor ${anchor.id}.`);
  } else if (anchored === false && anchor !== undefined && anchor.id < start.id) {
    note(anchor.id, 'cut', `Entries up to ${start.id} were removed by \`log prune\`; the anchor is one of them.`);
  }
  return {
    entries,
    since: start.id + 1,
    intact: problems.length === 0,
    problems,
    anchor: last.id === 0 ? null : `${last.id}:${last.hash}`,
    anchored,
  };
}

function parseAnchor(text: string): LogAnchor {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim());
  if (match === null) {
    throw new PhonectlError('invalid_input', 'That is not an anchor of the log.', {
      hints: ['`phonectl log verify` prints one: <number>:<64 hexadecimal digits>.'],
    });
  }
  return { id: Number(match[1]), hash: match[2]! };
}

export interface LogPruned {
  readonly removed: number;
  /** The chain begins behind this entry from now on. */
  readonly anchor: string | null;
}

/** What is older than `weeks`, and where the chain would go on. */
async function beyond(
  { log }: Pick<Repositories, 'log'>,
  now: number,
  weeks: number,
): Promise<LogPruned & { readonly last: LogAnchor | undefined }> {
  const last = await log.lastBefore(startOfWeek(now) - (weeks - 1) * WEEK);
  const anchor = last === undefined ? null : `${last.id}:${last.hash}`;
  return { removed: last === undefined ? 0 : await log.count(last.id), anchor, last };
}

/** Removes whole weeks that are older than `weeks`, and remembers where the chain goes on. */
export async function removeWeeks(
  repositories: Pick<Repositories, 'log' | 'settings'>,
  now: number,
  weeks: number,
): Promise<LogPruned> {
  const { last, ...pruned } = await beyond(repositories, now, weeks);
  if (last !== undefined) {
    await repositories.log.deleteUpTo(last.id);
    await repositories.settings.set(PRUNED, { id: last.id, hash: last.hash });
  }
  return pruned;
}

export async function pruneLog(context: OperationContext, weeks: number, dryRun: boolean): Promise<LogPruned> {
  const now = context.clock.now();
  if (dryRun) {
    const { last: _, ...pruned } = await beyond(context.read, now, weeks);
    return pruned;
  }
  return await context.write(async (repositories) => {
    const pruned = await removeWeeks(repositories, now, weeks);
    return [pruned, { object: 'log', result: 'done', details: { ...pruned, weeks } }];
  });
}
