/** Errors as problem documents (RFC 9457), with the codes, messages and hints of the command line. */
import { ERROR_CODES, type ErrorCode, EXIT, isPhonectlError, PhonectlError } from '../../sdk/errors.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly hints: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** By exit status, which already says of what kind an error is. */
const STATUS_OF_EXIT: Readonly<Record<number, number>> = {
  [EXIT.unexpected]: 500,
  [EXIT.usage]: 400,
  [EXIT.failed]: 422,
  [EXIT.permission]: 403,
  [EXIT.notFound]: 404,
  [EXIT.conflict]: 409,
  [EXIT.unfinished]: 409,
  [EXIT.unreachable]: 502,
  [EXIT.locked]: 503,
  [EXIT.invalidData]: 422,
  [EXIT.differences]: 409,
};

/** Where the exit status is too coarse for HTTP. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 401,
  session_expired: 401,
  account_locked: 423,
  local_only: 403,
  ambiguous: 409,
  stale: 412,
  busy: 429,
  timeout: 504,
  too_large: 413,
  media_type: 415,
  disk_full: 507,
  disk_error: 507,
  no_home: 503,
  wrong_key: 503,
  damaged: 503,
  newer_schema: 503,
};

export function statusOf(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? STATUS_OF_EXIT[ERROR_CODES[code].exit] ?? 500;
}

/** What is said of an error. Of one that is not ours nothing but that it happened: its text may hold anything. */
export function toProblem(error: unknown): Problem {
  const known = isPhonectlError(error)
    ? error
    : new PhonectlError('unexpected', 'Something in phonectl broke.', { hints: ['The log of the server says more.'] });
  return {
    type: `urn:phonectl:error:${known.code}`,
    title: ERROR_CODES[known.code].title,
    status: statusOf(known.code),
    detail: known.message,
    code: known.code,
    exitCode: known.exitCode,
    hints: known.hints,
    details: known.details,
  };
}

/** Seconds for the Retry-After header, where there is something to wait for. */
export function retryAfter(problem: Problem): number | undefined {
  const { retryAfter: seconds } = problem.details;
  if (typeof seconds === 'number') return Math.max(1, Math.ceil(seconds));
  return problem.status === 429 || problem.status === 503 ? 1 : undefined;
}
