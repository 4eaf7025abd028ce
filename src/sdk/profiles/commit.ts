/**
 * Putting edits of the stack into effect: plan on a snapshot, then write if nothing else came between, with a numbered
 * revision that remembers what every object was (so that it can be undone) and the operation-log entry, all in one
 * transaction.
 */
import type { OperationContext } from '../context.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { AssignmentRecord, ProfileRecord, RevisionEntry } from '../ports/profiles.ts';
import type { Repositories } from '../ports/store.ts';
import { closedProfile } from './parameters.ts';
import { NO_CHANGES, type PlanView, planFleet } from './plan.ts';
import { type EditStamp, Workspace } from './workspace.ts';

export interface CommitOptions {
  /** Why, for the history (`-m`). */
  readonly reason?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** For the operation log, such as `profile:no-answer`. */
  readonly object: string;
  /** Refuses with `stale` when the stack is not at this revision any more: a saved plan. */
  readonly base?: number | undefined;
  /** Written in the same transaction: the end of a collected change. */
  readonly also?: ((repositories: Repositories) => Promise<void>) | undefined;
}

export interface CommitResult {
  /** Number of the new revision; null for a dry run and when nothing changed. */
  readonly revision: number | null;
  readonly changed: boolean;
  /** The change that the edit was put into instead of being done; null when it was done. */
  readonly change: string | null;
  /** Of a change: what all of its edits together would do. */
  readonly plan: PlanView;
}

/** How often a change that was planned on an outdated snapshot is planned anew before the caller hears of it. */
const ATTEMPTS = 5;

/** Runs `edit` on a workspace, plans what it does, and writes it unless `dryRun`. */
export async function commitEdits(
  context: OperationContext,
  edit: (workspace: Workspace, stamp: EditStamp) => void | Promise<void>,
  options: CommitOptions,
): Promise<CommitResult> {
  for (let attempt = 1; ; attempt += 1) {
    const stamp = { author: context.actor.name, at: context.clock.now() };
    const workspace = await Workspace.load(context.read.profiles);
    if (options.base !== undefined && workspace.base !== options.base) throw outdated(options.base, workspace.base);
    await edit(workspace, stamp);
    const entries = workspace.entries();
    const plan = await planWorkspace(context, workspace);
    const outcome = { changed: entries.length > 0, change: null, plan };
    if (options.dryRun) return { ...outcome, revision: null };
    try {
      const revision = await context.write(async (repositories) => {
        const current = await repositories.profiles.revision();
        if (current !== workspace.base) throw outdated(workspace.base, current);
        const number = entries.length === 0 ? null : await save(repositories, context, entries, plan, options);
        await options.also?.(repositories);
        const details = { revision: number, devices: plan.devices };
        return [number, { object: options.object, result: 'done', details }];
      });
      return { ...outcome, revision };
    } catch (error) {
      // Somebody else was faster. A saved plan must not be applied to another stack; an edit can be planned anew.
      const again = isPhonectlError(error) && error.details['planned'] !== undefined;
      if (!again || options.base !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What the edits of a workspace would do to the fleet. */
export async function planWorkspace(context: OperationContext, workspace: Workspace): Promise<PlanView> {
  if (workspace.entries().length === 0) return NO_CHANGES;
  const { before, after } = workspace.stacks(closedProfile);
  return await planFleet(context, before, after);
}

function outdated(planned: number, current: number): PhonectlError {
  return stale(`The configuration is at revision ${current}; this was planned on ${planned}.`, { planned, current });
}

/** What was planned is not what would happen now. */
export function stale(message: string, details: Readonly<Record<string, unknown>> = {}): PhonectlError {
  return new PhonectlError('stale', message, {
    hints: ['Plan again, look at the new plan, then apply that one.'],
    details,
  });
}

async function save(
  repositories: Repositories,
  context: OperationContext,
  entries: readonly RevisionEntry[],
  plan: PlanView,
  options: CommitOptions,
): Promise<number> {
  await writeEntries(repositories, entries);
  const { devices, sites, restart, reboot } = plan;
  return repositories.profiles.addRevision(
    {
      at: context.clock.now(),
      author: context.actor.name,
      reason: options.reason ?? '',
      operation: context.operation,
      summary: { object: options.object, devices, sites, restart, reboot },
    },
    entries,
  );
}

/**
 * What goes makes room first: undoing may bring back a name or a place that something newer holds. Profiles come before
 * the assignments that need them.
 */
async function writeEntries({ profiles }: Repositories, entries: readonly RevisionEntry[]): Promise<void> {
  const gone = entries.filter(({ after }) => after === undefined);
  for (const { kind, objectId } of gone) if (kind === 'assignment') await profiles.deleteAssignment(objectId);
  for (const { kind, objectId } of gone) if (kind === 'profile') await profiles.deleteProfile(objectId);
  const put = entries.filter(({ kind, after }) => kind === 'profile' && after !== undefined);
  // Profiles may change names with each other.
  for (const { before, after } of put as readonly { before?: ProfileRecord; after: ProfileRecord }[]) {
    if (before !== undefined && before.name !== after.name) await profiles.putProfile({ ...before, name: after.uid });
  }
  for (const { after } of put) await profiles.putProfile(after as ProfileRecord);
  for (const { kind, after } of entries) {
    if (kind === 'assignment' && after !== undefined) await profiles.putAssignment(after as AssignmentRecord);
  }
}
