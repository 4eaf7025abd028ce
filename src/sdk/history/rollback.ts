/** Going back to an earlier revision: a change like any other, with a plan, a number and a way back. */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { type CommitResult, commitEdits } from '../profiles/commit.ts';
import type { Workspace } from '../profiles/workspace.ts';
import { requireRevision } from './read.ts';

export interface RollbackInput {
  /** The revision to go back to; 0 is the fleet before its first change. Without it the newest change is undone. */
  readonly revision?: number | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface RolledBack extends CommitResult {
  /** The revision whose state this is. */
  readonly to: number;
}

/**
 * Undoes every change above the revision, as one new revision: rolled back again, it is undone in turn. Throws
 * `not_found`, `conflict` when there is nothing to undo or what was deleted since has left a place that is taken.
 */
export async function rollBack(context: OperationContext, input: RollbackInput): Promise<RolledBack> {
  const newest = await context.read.profiles.revision();
  const to = input.revision ?? newest - 1;
  if (to < 0) {
    throw new PhonectlError('conflict', 'The configuration has not been changed yet, so nothing can be undone.');
  }
  const result = await commitEdits(context, async (workspace) => await undoTo(context, workspace, to), {
    object: `revision:${to}`,
    reason: input.reason ?? `rollback to revision ${to}`,
    dryRun: input.dryRun,
    base: input.revision === undefined ? newest : undefined,
  });
  return { ...result, to };
}

/** Puts the workspace into the state of a revision. */
export async function undoTo(context: OperationContext, workspace: Workspace, revision: number): Promise<void> {
  await requireRevision(context, revision);
  workspace.undo(await context.read.profiles.entriesAbove(revision));
}
