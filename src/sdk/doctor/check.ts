/** What an examination finds. */

export type CheckStatus = 'ok' | 'warn' | 'fail';

export interface Check {
  /** Stable: `certificate.validity`. */
  readonly id: string;
  readonly status: CheckStatus;
  /** What was found, as a sentence. */
  readonly found: string;
  /** What to do; a sentence or a command. Only where something is to be done. */
  readonly remedy?: string;
}

export function ok(id: string, found: string): Check {
  return { id, status: 'ok', found };
}

export function warn(id: string, found: string, remedy: string): Check {
  return { id, status: 'warn', found, remedy };
}

export function fail(id: string, found: string, remedy: string): Check {
  return { id, status: 'fail', found, remedy };
}
