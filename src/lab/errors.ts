/**
 * Errors of the lab. The lab shares nothing with the SDK (design.md section 2), so it has its own small class.
 */

export type LabErrorCode =
  | 'address_in_use'
  | 'bad_spec'
  | 'http'
  | 'loop'
  | 'no_phone'
  | 'not_yet_valid'
  | 'refused'
  | 'timeout'
  | 'too_large'
  | 'unparsable'
  | 'unreachable';

/** Something in the lab, or on the way of a simulated phone, went wrong. */
export class LabError extends Error {
  readonly code: LabErrorCode;
  /** HTTP status that caused it, if one did. */
  readonly status: number | undefined;
  /** Seconds of real time that the server asked to wait (Retry-After), if it did. */
  readonly retryAfter: number | undefined;

  constructor(
    code: LabErrorCode,
    message: string,
    options: { status?: number; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LabError';
    this.code = code;
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

/** The text of anything that was thrown, for a phone's `lastError`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
