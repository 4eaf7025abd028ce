/**
 * Saved plans: what was looked at is what is done. A plan keeps the edits, the revision that it was made on, and a digest
 * of what it would do to each phone; when one of them does not fit any more, applying it is refused with `stale`.
 */
import { nearest } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';
import { requireChange } from '../profiles/changes.ts';
import { type CommitResult, commitEdits, planWorkspace, stale } from '../profiles/commit.ts';
import type { PlanView } from '../profiles/plan.ts';
import { type Edit, type EditStamp, Workspace } from '../profiles/workspace.ts';
import { undoTo } from './rollback.ts';

export interface PlanInput {
  /** The change whose edits are planned. */
  readonly change?: string | undefined;
  /** Or the revision that is gone back to. */
  readonly rollback?: number | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** A plan as it is looked at and as it is kept in a file. Holds no secret. */
export interface SavedPlan {
  readonly format: 'phonectl-plan/1';
  /** What `config apply` takes; null for a dry run, of which nothing is kept. */
  readonly id: string | null;
  /** Revision of the configuration that it was made on. */
  readonly base: number;
  /** What it does, such as `change:xmas`. */
  readonly object: string;
  readonly reason: string;
  readonly author: string;
  /** ISO 8601. */
  readonly at: string;
  /** Of {@link plan}. */
  readonly digest: string;
  readonly plan: PlanView;
}

/** What the store keeps of a plan, beside what people see of it. */
interface StoredPlan extends Omit<SavedPlan, 'plan'> {
  readonly edits: readonly Edit[] | null;
  readonly change: string | null;
  readonly rollback: number | null;
}

const PREFIX = 'plan.';
/** Plans that are kept; the oldest go. */
const KEEP = 100;

/** Plans a change or a rollback, and keeps the plan. Throws `usage`, `not_found`. */
export async function savePlan(context: OperationContext, input: PlanInput): Promise<SavedPlan> {
  if ((input.change === undefined) === (input.rollback === undefined)) {
    throw new PhonectlError('usage', 'A plan is of a change or of a rollback.', {
      hints: [
        'Give --change NAME or --rollback REVISION.',
        'Collect edits with --change NAME on the profile commands.',
      ],
    });
  }
  const edits = input.change === undefined ? null : (await requireChange(context, input.change)).edits;
  const workspace = await Workspace.load(context.read.profiles);
  const stamp = { author: context.actor.name, at: context.clock.now() };
  const what = { edits, rollback: input.rollback ?? null };
  await make(context, workspace, what, stamp);
  const plan = await planWorkspace(context, workspace);
  const digest = digestOf(plan);
  const object = input.change === undefined ? `revision:${input.rollback}` : `change:${input.change}`;
  const saved = {
    format: 'phonectl-plan/1',
    id: input.dryRun ? null : `p-${digestOf([workspace.base, object, digest]).slice(0, 8)}`,
    base: workspace.base,
    object,
    reason: input.reason ?? '',
    author: stamp.author,
    at: new Date(stamp.at).toISOString(),
    digest,
  } as const;
  if (saved.id !== null) {
    await context.write(async (repositories) => {
      const stored: StoredPlan = { ...saved, ...what, change: input.change ?? null };
      await repositories.settings.set(`${PREFIX}${saved.id}`, stored);
      await forgetOldest(repositories);
      return [undefined, { object: `plan:${saved.id}`, result: 'done', details: { of: saved.object } }];
    });
  }
  return { ...saved, plan };
}

export interface ApplyPlanInput {
  /** `p-…`. */
  readonly plan: string;
  /** Digest in the file that was reviewed; it must be that of the plan kept here. */
  readonly digest?: string | undefined;
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Does what the plan says, or throws `stale` when that would be anything else by now. */
export async function applyPlan(context: OperationContext, input: ApplyPlanInput): Promise<CommitResult> {
  const saved = await requirePlan(context, input.plan);
  if (input.digest !== undefined && input.digest !== saved.digest) {
    throw stale(`The file is not the plan ${input.plan} that was made here.`);
  }
  return await commitEdits(
    context,
    async (workspace, stamp) => {
      await make(context, workspace, saved, stamp);
      // Phones may have come, gone or moved: then the same edits do something else than what was looked at.
      const now = digestOf(await planWorkspace(context, workspace));
      if (now !== saved.digest) throw stale(`The plan ${input.plan} does not fit the fleet any more.`);
    },
    {
      object: saved.object,
      reason: input.reason ?? (saved.reason || `plan ${input.plan}`),
      dryRun: input.dryRun,
      base: saved.base,
      also: async ({ changes }) => {
        const change = saved.change === null ? undefined : await changes.find(saved.change);
        // What was collected after the plan stays. The plan stays too, so that applying it twice is called by its name.
        if (change !== undefined && change.edits.length === saved.edits?.length) await changes.delete(change.name);
      },
    },
  );
}

async function make(
  context: OperationContext,
  workspace: Workspace,
  { edits, rollback }: Pick<StoredPlan, 'edits' | 'rollback'>,
  stamp: EditStamp,
): Promise<void> {
  if (rollback !== null) await undoTo(context, workspace, rollback);
  for (const edit of edits ?? []) workspace.apply(edit, stamp);
}

async function requirePlan({ read }: OperationContext, id: string): Promise<StoredPlan> {
  const saved = await read.settings.get<StoredPlan>(`${PREFIX}${id}`);
  if (saved !== undefined) return saved;
  const ids = (await read.settings.list(PREFIX)).map(([name]) => name.slice(PREFIX.length));
  const near = nearest(id, ids);
  throw new PhonectlError('not_found', `There is no plan ${id} here: it was made elsewhere, or long ago.`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['Make one: phonectl config plan --change NAME'],
    details: { plan: id, plans: ids },
  });
}

async function forgetOldest({ settings }: Repositories): Promise<void> {
  const plans = (await settings.list(PREFIX)).map(([name, plan]) => ({ name, at: (plan as StoredPlan).at }));
  const old = plans.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(KEEP);
  for (const { name } of old) await settings.delete(name);
}

export function digestOf(value: unknown): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(JSON.stringify(value)).digest('hex');
}
