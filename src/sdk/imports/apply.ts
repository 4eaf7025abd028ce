/** Applies staged rows in batches that hold the store's lock only briefly, and can be done again after a crash. */
import { setImmediate } from 'node:timers/promises';
import type { OperationContext } from '../context.ts';
import type { Staging } from '../ports/staging.ts';
import type { Repositories } from '../ports/store.ts';
import type { ImportLedger } from './reader.ts';

/** Rows in one transaction. */
const BATCH = 4000;

export interface StagedRow {
  readonly line: number;
  readonly data: string;
}

/**
 * Runs `applyRow` for every staged row. An import that fits into one batch is one transaction with its log entry; a
 * larger one is logged when it starts and, with the counts, when it is done, so that a crash in between shows.
 */
export async function applyStaged(
  context: OperationContext,
  staging: Staging,
  object: string,
  ledger: ImportLedger,
  applyRow: (repositories: Repositories, row: StagedRow) => void,
): Promise<void> {
  const batches = staging.batches(BATCH)[Symbol.iterator]();
  let current = batches.next();
  let next = current.done ? current : batches.next();
  const result = ledger.rejected > 0 ? 'partial' : 'done';
  if (!next.done) await context.write(async () => [undefined, { object, result, details: { phase: 'started' } }]);
  let applied = 0;
  while (!current.done && !next.done) {
    context.signal.throwIfAborted();
    const rows = current.value;
    await context.store.transaction(async (repositories) => {
      for (const row of rows) applyRow(repositories, row);
    });
    applied += rows.length;
    ledger.progress('applying', applied);
    // The store's calls never wait, so nobody else of this process (a signal, a request) had a turn.
    await setImmediate();
    current = next;
    next = batches.next();
  }
  const last = current.done ? [] : current.value;
  await context.write(async (repositories) => {
    for (const row of last) applyRow(repositories, row);
    return [undefined, { object, result, details: { ...ledger.report(true).summary } }];
  });
}
