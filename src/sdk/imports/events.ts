/** What an import says while it runs, through `context.progress`. JSON, so that it works remotely too. */
import type { RowError } from '../csv/report.ts';

export type RowOutcome = 'created' | 'updated' | 'unchanged' | 'skipped' | 'rejected';

export type ImportEvent =
  | { readonly kind: 'header'; readonly columns: readonly string[] }
  | {
      readonly kind: 'rows';
      readonly phase: 'checking' | 'applying';
      readonly rows: number;
    }
  | {
      /** Of every rejected row; of the others only when `details` was asked for. */
      readonly kind: 'row';
      readonly line: number;
      /** What the row is about, such as a site's name. */
      readonly name: string;
      readonly outcome: RowOutcome;
      readonly errors?: readonly RowError[];
      /** The row as it was read, of rejected rows: they can be written back and corrected. */
      readonly cells?: readonly string[];
    };

/** Last column of the rows that were written back; every import ignores it. */
export const ERROR_COLUMN = 'import_error';
