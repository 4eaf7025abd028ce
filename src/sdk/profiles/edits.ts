/** What every edit of the stack needs: finding a profile, refusing what may not be, doing it or collecting it. */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { collectEdits, type EditsFor } from './changes.ts';
import { type CommitOptions, type CommitResult, commitEdits } from './commit.ts';
import { bringStandardProfiles } from './standard.ts';
import type { Workspace } from './workspace.ts';

/** Of every write: try it, why, and whether it goes into a named change instead of being done. */
export interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly change?: string | undefined;
}

/** Finds a profile by name or id. Throws `not_found` with the nearest names. */
export function requireProfile(workspace: Workspace, reference: string): ProfileRecord {
  const byName = workspace.byName(reference);
  if (byName !== undefined) return byName;
  const byId = /^\d+$/.test(reference) ? workspace.profiles.get(Number(reference)) : undefined;
  if (byId !== undefined) return byId;
  throw notFound(
    'profile',
    reference,
    [...workspace.profiles.values()].map(({ name }) => name),
  );
}

/** PROF-17: standard and software profiles are read-only. */
export function requireEditable(profile: ProfileRecord): void {
  if (profile.type === 'user' || profile.type === 'imported') return;
  throw new PhonectlError('protected', `"${profile.name}" is a ${profile.type} profile and cannot be changed.`, {
    hints: [`Copy it and change the copy: phonectl profile copy "${profile.name}" NEW`],
  });
}

/** VAL-03: a profile can be exported as a file of its name. */
export function checkFileName(name: string): void {
  const wrong = /[/\\:*?"<>|]/.exec(name);
  if (wrong === null) return;
  throw new PhonectlError(
    'invalid_input',
    `The name "${name}" holds ${wrong[0]}, which no file name may hold (VAL-03).`,
    {
      hints: ['Leave out the characters / \\ : * ? " < > |.'],
    },
  );
}

/** Does the edits, or puts them into the named change. */
export async function commitAll(
  context: OperationContext,
  object: string,
  { dryRun, reason, change, also }: WriteOptions & Pick<CommitOptions, 'also'>,
  edits: EditsFor,
): Promise<CommitResult> {
  await bringStandardProfiles(context);
  if (change !== undefined) return await collectEdits(context, change, edits, { object, dryRun });
  return await commitEdits(
    context,
    async (workspace, stamp) => {
      for (const edit of await edits(workspace)) workspace.apply(edit, stamp);
    },
    { object, dryRun, reason, also },
  );
}
