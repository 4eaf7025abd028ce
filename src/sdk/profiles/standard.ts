/**
 * The standard profiles in a fleet's home (PROF-03..06). New ones, and changes of those that no phone has, come by
 * themselves with a new version of phonectl; what would change a phone waits for `profile builtin update`, which is
 * planned like every other change.
 */
import { nameKey } from '../../domain/text.ts';
import { loadStandardProfiles, type StandardProfile, standardProfilesSignature } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import type { ProfileRecord, StoredParameter } from '../ports/profiles.ts';
import { type Edit, Workspace } from './workspace.ts';

/** The setting that holds the signature of the shipped files that were last looked at. */
const SETTING = 'profiles.standard';

export interface StandardDifference {
  readonly profile: string;
  readonly vendor: string;
  /** `clash`: a profile of yours has the name (VAL-16); rename it, and the standard one comes. */
  readonly difference: 'added' | 'changed' | 'removed' | 'clash';
  /** Where it is assigned: removing it takes these away too (PROF-04). */
  readonly assignments: number;
}

/** Puts in what cannot change any phone; a look at one setting when nothing is new. */
export async function bringStandardProfiles(context: OperationContext): Promise<void> {
  const signature = standardProfilesSignature();
  if ((await context.read.settings.get<string>(SETTING)) === signature) return;
  const shipped = await loadStandardProfiles();
  await context.store.transaction(async (repositories) => {
    const workspace = await Workspace.load(repositories.profiles);
    const stamp = { author: 'phonectl', at: context.clock.now() };
    const quiet = editsFor(workspace, shipped).filter(({ assignments }) => assignments === 0);
    for (const { edit } of quiet) workspace.apply(edit, stamp);
    for (const { objectId, after } of workspace.entries()) {
      if (after === undefined) await repositories.profiles.deleteProfile(objectId);
      else await repositories.profiles.putProfile(after as ProfileRecord);
    }
    await repositories.settings.set(SETTING, signature);
    if (quiet.length === 0) return;
    await repositories.log.append({
      operation: 'profile.update',
      object: `standard profiles (${quiet.length})`,
      result: 'done',
      actor: 'phonectl',
      actorKind: 'system',
      source: 'local',
      at: stamp.at,
      details: {},
    });
  });
}

export function editsFor(
  workspace: Workspace,
  shipped: readonly StandardProfile[],
): readonly (StandardDifference & { readonly edit: Edit })[] {
  const standard = [...workspace.profiles.values()].filter(({ type }) => type === 'standard');
  const assigned = ({ id }: ProfileRecord): number =>
    [...workspace.assignments.values()].filter(({ profileId }) => profileId === id).length;
  const edits: (StandardDifference & { readonly edit: Edit })[] = [];
  for (const profile of shipped) {
    const { name, vendor, description } = profile;
    const existing = standard.find(({ uid }) => uid === uidOf(profile));
    const parameters = Object.entries(profile.parameters);
    if (existing === undefined) {
      if (workspace.byName(name) !== undefined) continue;
      edits.push({
        profile: name,
        vendor,
        difference: 'added',
        assignments: 0,
        edit: {
          kind: 'profile.add',
          uid: uidOf(profile),
          name,
          vendor,
          type: 'standard',
          description,
          models: [],
          imageId: null,
          parameters,
        },
      });
    } else if (!sameParameters(existing.parameters, parameters)) {
      const kept = new Set(parameters.map(([parameter]) => parameter));
      const unset = existing.parameters.map(([parameter]) => parameter).filter((parameter) => !kept.has(parameter));
      edits.push({
        profile: name,
        vendor,
        difference: 'changed',
        assignments: assigned(existing),
        edit: { kind: 'profile.set', profile: existing.uid, set: parameters, unset },
      });
    }
  }
  const names = new Set(shipped.map(uidOf));
  for (const old of standard.filter(({ uid }) => !names.has(uid))) {
    edits.push({
      profile: old.name,
      vendor: old.vendor,
      difference: 'removed',
      assignments: assigned(old),
      edit: { kind: 'profile.delete', profile: old.uid },
    });
  }
  return edits;
}

export function clashes(workspace: Workspace, shipped: readonly StandardProfile[]): readonly StandardDifference[] {
  return shipped.flatMap(({ name, vendor }): StandardDifference[] => {
    const other = workspace.byName(name);
    if (other === undefined || other.type === 'standard') return [];
    return [{ profile: name, vendor, difference: 'clash', assignments: 0 }];
  });
}

/** The same in every home, so that an edit of one finds it in another. */
function uidOf({ name }: StandardProfile): string {
  return `standard:${nameKey(name)}`;
}

function sameParameters(stored: readonly StoredParameter[], shipped: readonly (readonly [string, string])[]): boolean {
  const now = new Map<string, unknown>(stored);
  return now.size === shipped.length && shipped.every(([name, value]) => now.get(name) === value);
}
