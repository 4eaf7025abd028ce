/** Collected changes as people see them. */
import type { OperationContext } from '../context.ts';
import type { ChangeRecord } from '../ports/changes.ts';
import { openChange, requireChange } from '../profiles/changes.ts';
import { planWorkspace } from '../profiles/commit.ts';
import type { PlanView } from '../profiles/plan.ts';
import { type ObjectChange, objectChanges } from './read.ts';

export interface Change {
  readonly name: string;
  readonly edits: number;
  readonly author: string;
  /** Revision at which it was begun. */
  readonly baseRevision: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ChangeDetail extends Change {
  /** What its edits do to profiles and assignments, all together. */
  readonly changes: readonly ObjectChange[];
}

export async function* listChanges(context: OperationContext): AsyncGenerator<Change> {
  for (const record of await context.read.changes.list()) yield changeOf(record);
}

/** Throws `not_found`; also when a profile of the change has been deleted meanwhile. */
export async function showChange(
  context: OperationContext,
  { change }: { readonly change: string },
): Promise<ChangeDetail> {
  const record = await requireChange(context, change);
  const workspace = await openChange(context, record);
  return { ...changeOf(record), changes: await objectChanges(context, workspace.entries()) };
}

export interface ChangePlan {
  readonly change: string;
  readonly plan: PlanView;
}

/** What applying the change now would do to the phones. */
export async function planChange(
  context: OperationContext,
  { change }: { readonly change: string },
): Promise<ChangePlan> {
  const workspace = await openChange(context, await requireChange(context, change));
  return { change, plan: await planWorkspace(context, workspace) };
}

function changeOf({ name, edits, author, baseRevision, createdAt, updatedAt }: ChangeRecord): Change {
  return {
    name,
    edits: edits.length,
    author,
    baseRevision,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
