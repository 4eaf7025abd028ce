/**
 * Ten wrong passwords are forgiven, the eleventh locks for five minutes (AUTH-04, security.md F-13). It locks logging in
 * with a password only: live sessions and access keys go on, so nobody can shut an administrator out of their work.
 *
 * An attempt is counted before the password is looked at, so that a hundred attempts at once get no more than eleven
 * guesses; success clears the count.
 */
import { PhonectlError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { FailureRecord, UserRepository } from '../ports/users.ts';

export const FORGIVEN = 10;
export const LOCK_TIME = 300_000;
/** Attempts that one source address has in an hour, whatever the user names. */
export const SOURCE_LIMIT = 100;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Deadline {
  readonly lockedUntil: number;
  readonly monotonic: number;
}

/**
 * Ends of locks on the monotonic clock, for the locks that this process has seen: setting the wall clock neither
 * shortens nor prolongs them. After a restart the stored wall time counts, for at most the full time again.
 */
const deadlines = new WeakMap<Clock, Map<string, Deadline>>();

/** Milliseconds until the lock ends; 0 when there is none. */
function lockLeft(clock: Clock, name: string, failure: FailureRecord | undefined): number {
  const lockedUntil = failure?.lockedUntil ?? null;
  let known = deadlines.get(clock);
  if (known === undefined) {
    known = new Map();
    deadlines.set(clock, known);
  }
  if (lockedUntil === null) {
    known.delete(name);
    return 0;
  }
  let deadline = known.get(name);
  if (deadline?.lockedUntil !== lockedUntil) {
    const left = Math.min(Math.max(lockedUntil - clock.now(), 0), LOCK_TIME);
    deadline = { lockedUntil, monotonic: clock.monotonic() + left };
    known.set(name, deadline);
  }
  return Math.max(0, deadline.monotonic - clock.monotonic());
}

/**
 * Counts an attempt. Throws `account_locked` while the name is locked and `busy` when the source has tried too often;
 * returns what to do when the password turns out to be right. `name` is the folded user name, existing or not.
 */
export async function countAttempt(
  { store, clock }: { store: Store; clock: Clock },
  name: string,
  source: string,
): Promise<{ clear: (users: UserRepository) => Promise<void> }> {
  // Not an operation of its own: the login records itself, whichever way it ends.
  await store.transaction(async ({ users }) => {
    const now = clock.now();
    await users.deleteFailures(now - DAY);
    await countSource(users, source, now);
    const failure = await users.failure('user', name);
    const left = lockLeft(clock, name, failure);
    if (left > 0) throw locked(left);
    // A lock that has ended starts the count anew.
    const before = failure?.lockedUntil == null ? (failure?.failures ?? 0) : 0;
    const failures = before + 1;
    await users.setFailure('user', name, {
      failures,
      firstAt: before === 0 ? now : (failure?.firstAt ?? now),
      lastAt: now,
      // The attempt that may be the eleventh wrong one locks at once and unlocks when it was right.
      lockedUntil: failures > FORGIVEN ? now + LOCK_TIME : null,
    });
  });
  return {
    async clear(users) {
      await users.clearFailure('user', name);
      const failure = await users.failure('source', source);
      if (failure !== undefined) {
        await users.setFailure('source', source, { ...failure, failures: Math.max(0, failure.failures - 1) });
      }
    },
  };
}

/** Counts a request that costs us something and needs no password, such as a mail; throws `busy` at the same limit. */
export async function countRequest({ store, clock }: { store: Store; clock: Clock }, source: string): Promise<void> {
  await store.transaction(({ users }) => countSource(users, source, clock.now()));
}

async function countSource(users: UserRepository, source: string, now: number): Promise<void> {
  const failure = await users.failure('source', source);
  // A clock set back must not keep a source out for longer than the hour.
  const current = failure !== undefined && now - failure.firstAt < HOUR && now >= failure.firstAt ? failure : undefined;
  const failures = (current?.failures ?? 0) + 1;
  if (failures > SOURCE_LIMIT) {
    const seconds = Math.ceil(((current?.firstAt ?? now) + HOUR - now) / 1000);
    throw new PhonectlError('busy', 'Too many failed sign-ins from this address.', {
      details: { retryAfter: seconds },
    });
  }
  await users.setFailure('source', source, {
    failures,
    firstAt: current?.firstAt ?? now,
    lastAt: now,
    lockedUntil: null,
  });
}

function locked(left: number): PhonectlError {
  const seconds = Math.ceil(left / 1000);
  return new PhonectlError('account_locked', `Too many wrong passwords. Signing in is locked for ${seconds} seconds.`, {
    hints: ['Wait, or have an administrator run `phonectl user unlock EMAIL`.'],
    details: { retryAfter: seconds },
  });
}
