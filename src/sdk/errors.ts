/**
 * The one error class of phonectl and the table that gives every code its exit status.
 *
 * A code is stable: scripts match on it, `docs/errors.md` explains it, the command line takes the exit status from here.
 * Nothing matches on message texts and nothing uses `instanceof` across packages: see {@link isPhonectlError}.
 */

/** Exit statuses, design.md section 9. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  failed: 3,
  permission: 4,
  notFound: 5,
  conflict: 6,
  unfinished: 8,
  unreachable: 10,
  locked: 11,
  invalidData: 12,
  differences: 20,
} as const;

type Entry = { exit: number; title: string };

/** Every error code. Append; never rename one. */
export const ERROR_CODES = {
  unexpected: { exit: EXIT.unexpected, title: 'Something in phonectl broke' },
  unrecorded_write: { exit: EXIT.unexpected, title: 'A write was not recorded in the operation log' },
  usage: { exit: EXIT.usage, title: 'The command line is not understood' },
  local_only: { exit: EXIT.usage, title: 'The command is about this machine and does not work on a server elsewhere' },
  confirmation_required: { exit: EXIT.usage, title: 'The command wants a confirmation that cannot be asked for here' },
  invalid_input: { exit: EXIT.usage, title: 'An input value is not valid' },
  targets_failed: { exit: EXIT.failed, title: 'Some or all targets failed' },
  rows_rejected: { exit: EXIT.failed, title: 'Some rows were rejected' },
  forbidden: { exit: EXIT.permission, title: 'The caller lacks the permission' },
  unauthenticated: { exit: EXIT.permission, title: 'The caller is not signed in' },
  session_expired: { exit: EXIT.permission, title: 'The session has expired' },
  account_locked: { exit: EXIT.permission, title: 'The user is locked after too many wrong passwords' },
  account_frozen: { exit: EXIT.permission, title: 'The user is frozen' },
  password_change_required: { exit: EXIT.permission, title: 'The password must be changed first' },
  not_found: { exit: EXIT.notFound, title: 'No such object' },
  ambiguous: { exit: EXIT.notFound, title: 'The reference fits more than one object' },
  no_home: { exit: EXIT.notFound, title: 'There is no phonectl home here' },
  conflict: { exit: EXIT.conflict, title: 'The state of the fleet does not allow this' },
  exists: { exit: EXIT.conflict, title: 'An object of that name exists' },
  protected: { exit: EXIT.conflict, title: 'This object cannot be changed or deleted' },
  in_use: { exit: EXIT.conflict, title: 'The object is in use' },
  stale: { exit: EXIT.conflict, title: 'The fleet has changed in the meantime' },
  wrong_key: { exit: EXIT.conflict, title: 'The sealing key does not fit this home' },
  damaged: { exit: EXIT.conflict, title: 'The store is damaged' },
  newer_schema: { exit: EXIT.conflict, title: 'The store was written by a newer phonectl' },
  address_in_use: { exit: EXIT.conflict, title: 'The address or port is in use' },
  certificate: { exit: EXIT.conflict, title: 'A certificate cannot be used' },
  disk_full: { exit: EXIT.conflict, title: 'The disk is full' },
  unfinished: { exit: EXIT.unfinished, title: 'Started, not finished' },
  unreachable: { exit: EXIT.unreachable, title: 'A device or server cannot be reached' },
  timeout: { exit: EXIT.unreachable, title: 'No answer in time' },
  busy: { exit: EXIT.unreachable, title: 'The server has too much to do; try again later' },
  locked: { exit: EXIT.locked, title: 'The store is locked by another process' },
  invalid_data: { exit: EXIT.invalidData, title: 'The data are not valid' },
  disk_error: { exit: EXIT.conflict, title: 'The disk cannot be read or written' },
  media_type: { exit: EXIT.usage, title: 'The body of the request is of a type that the server does not take' },
  too_large: { exit: EXIT.invalidData, title: 'The input is larger than the server takes' },
  invalid_file: { exit: EXIT.invalidData, title: 'The file cannot be read as what it should be' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorOptions {
  /** What to do now; each a full sentence or a command to type. */
  hints?: readonly string[];
  /** Machine-readable particulars; never a secret. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

export interface ErrorJson {
  code: ErrorCode;
  message: string;
  exitCode: number;
  hints: readonly string[];
  details: Readonly<Record<string, unknown>>;
}

export class PhonectlError extends Error {
  override readonly name = 'PhonectlError';
  readonly code: ErrorCode;
  readonly hints: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      exitCode: this.exitCode,
      hints: this.hints,
      details: this.details,
    };
  }
}

/** Recognises our errors by shape, so that two copies of the package agree. */
export function isPhonectlError(error: unknown): error is PhonectlError {
  return (
    error instanceof Error && error.name === 'PhonectlError' && 'code' in error && String(error.code) in ERROR_CODES
  );
}
