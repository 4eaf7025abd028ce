/**
 * Named changes: edits of the stack that are collected (`--change NAME`, `PHONECTL_CHANGE`), looked at, and applied as
 * one revision. Until then no phone hears of them. The commands `change …` stand on the functions here.
 */
import type { OperationContext } from '../context.ts';
import { notFound } from '../missing.ts';
import type { ChangeRecord } from '../ports/changes.ts';
import { type CommitResult, commitEdits, planWorkspace, stale } from './commit.ts';
import { type Edit, type EditStamp, Workspace } from './workspace.ts';

/** Edits that are made on the stack as it is when they are asked for. */
export type EditsFor = (workspace: Workspace) => readonly Edit[] | Promise<readonly Edit[]>;

/** The change of that name. Throws `not_found` with the nearest names. */
export async function requireChange({ read }: Pick<OperationContext, 'read'>, name: string): Promise<ChangeRecord> {
  const found = await read.changes.find(name);
  if (found !== undefined) return found;
  throw notFound(
    'change',
    name,
    (await read.changes.list()).map((change) => change.name),
  );
}

/** The stack as it will be when the change is applied to it as it is now. */
export async function openChange(context: OperationContext, change: ChangeRecord | undefined): Promise<Workspace> {
  const workspace = await Workspace.load(context.read.profiles);
  applyAll(workspace, change?.edits ?? [], stampOf(context));
  return workspace;
}

/** Puts edits into a change, which is begun when there is none of that name. The plan is that of the whole change. */
export async function collectEdits(
  context: OperationContext,
  name: string,
  edits: EditsFor,
  options: { readonly object: string; readonly dryRun?: boolean | undefined },
): Promise<CommitResult> {
  const stamp = stampOf(context);
  const begun = await context.read.changes.find(name);
  const workspace = await openChange(context, begun);
  const added = await edits(workspace);
  applyAll(workspace, added, stamp);
  const plan = await planWorkspace(context, workspace);
  const result = { revision: null, changed: workspace.entries().length > 0, change: name, plan };
  if (options.dryRun) return result;
  await context.write(async ({ changes }) => {
    const current = await changes.find(name);
    if (current?.id !== begun?.id || current?.edits.length !== begun?.edits.length) {
      throw stale(`Somebody else has put something into the change "${name}" at this moment.`);
    }
    await changes.put({
      name,
      edits: [...(begun?.edits ?? []), ...added],
      author: begun?.author ?? stamp.author,
      baseRevision: begun?.baseRevision ?? workspace.base,
      createdAt: begun?.createdAt ?? stamp.at,
      updatedAt: stamp.at,
    });
    return [undefined, { object: `change:${name}`, result: 'done', details: { collected: options.object } }];
  });
  return result;
}

/** Does what was collected, as one revision; the change is gone afterwards. */
export async function applyChange(
  context: OperationContext,
  name: string,
  options: { readonly reason?: string | undefined; readonly dryRun?: boolean | undefined } = {},
): Promise<CommitResult> {
  const change = await requireChange(context, name);
  return await commitEdits(context, (workspace, stamp) => applyAll(workspace, change.edits, stamp), {
    ...options,
    reason: options.reason ?? `change ${name}`,
    object: `change:${name}`,
    async also({ changes }) {
      // What was added meanwhile must not be lost with the change that it was put into.
      const current = await changes.find(name);
      if (current?.id !== change.id || current.edits.length !== change.edits.length) {
        throw stale(`The change "${name}" is not what it was when it was planned.`);
      }
      await changes.delete(name);
    },
  });
}

/** Throws a change away. */
export async function discardChange(context: OperationContext, name: string): Promise<void> {
  await requireChange(context, name);
  await context.write(async ({ changes }) => {
    await changes.delete(name);
    return [undefined, { object: `change:${name}`, result: 'done' }];
  });
}

function applyAll(workspace: Workspace, edits: readonly Edit[], stamp: EditStamp): void {
  for (const edit of edits) workspace.apply(edit, stamp);
}

function stampOf({ actor, clock }: OperationContext): EditStamp {
  return { author: actor.name, at: clock.now() };
}
