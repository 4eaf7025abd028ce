/** What every export takes, and rows in the batches that `writeTable` wants. */
import { boolean, optional, picklist, string } from 'valibot';

export const exportFields = {
  search: optional(string()),
  separator: optional(picklist(['comma', 'semicolon', 'tab'])),
  /** Byte order mark, for Excel on Windows. */
  bom: optional(boolean()),
  /** Cells exactly as they are; a spreadsheet might take one for a formula. */
  raw: optional(boolean()),
};

export interface ExportInput {
  readonly search?: string | undefined;
  readonly separator?: 'comma' | 'semicolon' | 'tab' | undefined;
  readonly bom?: boolean | undefined;
  readonly raw?: boolean | undefined;
}

const BATCH = 500;

/** Rows as cells, in batches. */
export async function* inBatches<T>(
  rows: AsyncIterable<T>,
  cells: (row: T) => readonly string[],
): AsyncGenerator<readonly (readonly string[])[]> {
  let batch: (readonly string[])[] = [];
  for await (const row of rows) {
    batch.push(cells(row));
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
