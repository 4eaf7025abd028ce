/** What an import tells of its rows; the same shape for every topic (design.md section 9, ERR-01). */
import { excerpt } from '../../domain/text.ts';

export interface RowError {
  /** Line of the file; the first is 1. */
  readonly line: number;
  /** Header name, as written in the file; empty for an error of the whole row. */
  readonly column: string;
  /** The offending cell, shortened; `********` for a secret. */
  readonly value: string;
  /** A sentence: what is wrong. */
  readonly reason: string;
  /** A sentence or command: what to do. */
  readonly remedy: string;
}

export interface ImportSummary {
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Existing and different, left alone because no `--update` was given (B-50). */
  readonly skipped: number;
  readonly rejected: number;
}

export interface ImportReport {
  readonly summary: ImportSummary;
  /** At most {@link REPORTED_ERRORS}; `errors-out` holds all of them. */
  readonly errors: readonly RowError[];
  readonly warnings: readonly string[];
  /** True when something was written, or with a dry run would be. */
  readonly applied: boolean;
}

/** More would fill memory and no screen; `--errors-out` has every rejected row. */
export const REPORTED_ERRORS = 1000;

/** Cells in messages: shortened, and never a secret. */
export function shown(value: string, secret = false): string {
  return secret && value !== '' ? MASK : excerpt(value);
}

/** Stands for a secret that is not shown. On import it means "the one that is stored". */
export const MASK = '********';
