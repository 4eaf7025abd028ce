/**
 * Looks every half second whether those whose calls are running may still run them: a revoked key, a frozen user, an
 * expired session end what they started (security.md F-19).
 */
import type { ServerResponse } from 'node:http';
import { type Gatekeeper, type Principal, principalName } from '../../sdk/access/gatekeeper.ts';
import { holds, reaches } from '../../sdk/access/grants.ts';
import type { Caller } from '../../sdk/door.ts';
import { isPhonectlError, PhonectlError } from '../../sdk/errors.ts';
import type { AnyOperation } from '../../sdk/operation.ts';
import type { Run } from './runs.ts';

export interface Guard {
  readonly signal: AbortSignal;
  /** Rejects when the call has to end; never resolves. */
  readonly aborted: Promise<never>;
  release(): void;
}

/** What is being done, and with which rights. */
export interface Doing {
  readonly operation: AnyOperation;
  readonly caller: Caller;
}

interface Guarded {
  readonly principal: Principal;
  readonly doing: Doing | undefined;
  readonly end: (reason: unknown) => void;
}

export class Watch {
  readonly #gatekeeper: Gatekeeper;
  readonly #guarded = new Set<Guarded>();
  readonly #timer: NodeJS.Timeout;
  readonly #report: (error: unknown) => void;
  #looking = false;

  constructor(gatekeeper: Gatekeeper, interval: number, report: (error: unknown) => void) {
    this.#gatekeeper = gatekeeper;
    this.#report = report;
    this.#timer = setInterval(() => void this.#look(), interval);
    this.#timer.unref();
  }

  /** Guards an answer: it ends with the caller's rights, and with the client. */
  guard({ principal, response }: { principal: Principal; response: ServerResponse }, doing?: Doing): Guard {
    const controller = new AbortController();
    const onClose = (): void => {
      if (!response.writableFinished) {
        controller.abort(new PhonectlError('unreachable', 'The client has gone.'));
      }
    };
    response.once('close', onClose);
    const guarded = { principal, doing, end: (reason: unknown) => controller.abort(reason) };
    return this.#guard(guarded, controller.signal, () => response.off('close', onClose));
  }

  /** Guards a run: it ends with the caller's rights, not with the client. */
  guardRun(principal: Principal, doing: Doing, run: Run): Guard {
    return this.#guard({ principal, doing, end: (reason) => run.cancel(reason) }, run.signal, () => {});
  }

  #guard(guarded: Guarded, signal: AbortSignal, off: () => void): Guard {
    this.#guarded.add(guarded);
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Nobody may be waiting for it when it rejects: the call has just ended by itself.
    promise.catch(() => {});
    return {
      signal,
      aborted: promise,
      release: () => {
        this.#guarded.delete(guarded);
        signal.removeEventListener('abort', onAbort);
        off();
      },
    };
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const callers = Map.groupBy(this.#guarded, ({ principal: { session, proof, ...principal } }) =>
        [principalName(principal), session, proof?.verifier].join(' '),
      );
      for (const guarded of callers.values()) await this.#recheck(guarded);
    } catch (error) {
      this.#report(error);
    } finally {
      this.#looking = false;
    }
  }

  async #recheck(guarded: readonly Guarded[]): Promise<void> {
    const [first] = guarded;
    if (first === undefined) return;
    try {
      const now = await this.#gatekeeper.recheck(first.principal);
      for (const { doing, end } of guarded) {
        if (doing !== undefined && !this.#stillMay(now, doing)) end(lessRights());
      }
    } catch (error) {
      // A store that is busy says nothing about the caller.
      if (!isPhonectlError(error) || !REFUSALS.has(error.code)) throw error;
      for (const { end } of guarded) end(error);
    }
  }

  /** A role that was changed or taken away ends what it allowed. */
  #stillMay(principal: Principal, { operation, caller }: Doing): boolean {
    const now = this.#gatekeeper.caller(principal, operation);
    return (
      reaches(now.scope, caller.scope) && caller.permissions.every((permission) => holds(now.permissions, permission))
    );
  }

  close(reason: unknown): void {
    clearInterval(this.#timer);
    for (const { end } of this.#guarded) end(reason);
  }
}

function lessRights(): PhonectlError {
  return new PhonectlError('forbidden', 'The rights of the caller were changed while this was running.');
}

const REFUSALS: ReadonlySet<string> = new Set([
  'unauthenticated',
  'session_expired',
  'account_frozen',
  'password_change_required',
]);
