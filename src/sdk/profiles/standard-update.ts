/** What a new version changes in standard profiles that phones have, and making it so (PROF-04). */
import { loadStandardProfiles } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import type { CommitResult } from './commit.ts';
import { commitAll, type WriteOptions } from './edits.ts';
import { bringStandardProfiles, clashes, editsFor, type StandardDifference } from './standard.ts';
import { Workspace } from './workspace.ts';

/** PROF-04: what a new version brought and is not here. */
export async function* diffStandard(context: OperationContext): AsyncGenerator<StandardDifference> {
  await bringStandardProfiles(context);
  const workspace = await Workspace.load(context.read.profiles);
  const shipped = await loadStandardProfiles();
  for (const { edit: _, ...difference } of editsFor(workspace, shipped)) yield difference;
  yield* clashes(workspace, shipped);
}

export interface StandardUpdated extends CommitResult {
  readonly differences: readonly StandardDifference[];
}

/** Makes the standard profiles those of this version; phones that have them change with it. */
export async function updateStandard(context: OperationContext, input: WriteOptions): Promise<StandardUpdated> {
  await bringStandardProfiles(context);
  const shipped = await loadStandardProfiles();
  let differences: readonly StandardDifference[] = [];
  const result = await commitAll(context, 'standard profiles', input, (workspace) => {
    const edits = editsFor(workspace, shipped);
    differences = [...edits.map(({ edit: _, ...difference }) => difference), ...clashes(workspace, shipped)];
    return edits.map(({ edit }) => edit);
  });
  return { ...result, differences };
}
