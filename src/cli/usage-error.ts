/**
 * A value on the command line that is not acceptable. oclif rewrites the message of whatever a flag's parser throws, so
 * what we want to say travels in fields of its own; `errors.ts` makes a `usage` error of it.
 */
export class UsageValueError extends Error {
  readonly reason: string;
  readonly hints: readonly string[];

  constructor(reason: string, hints: readonly string[] = []) {
    super(reason);
    this.reason = reason;
    this.hints = hints;
  }
}
