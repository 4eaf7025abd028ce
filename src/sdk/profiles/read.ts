/** Profiles as people and programs see them. */
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { AssignmentRecord, ProfileRecord } from '../ports/profiles.ts';
import { csvProfiles, findCsvProfile } from './csv-profiles.ts';
import { requireProfile } from './edits.ts';
import { MASK, open } from './parameters.ts';
import { bringStandardProfiles } from './standard.ts';
import { targetNames } from './targets.ts';
import { Workspace } from './workspace.ts';

export interface ProfileRow {
  /** Null for a CSV profile: its device has the id. */
  readonly id: number | null;
  readonly name: string;
  readonly vendor: string;
  /** PROF-09. */
  readonly type: 'standard' | 'user' | 'software' | 'imported';
  readonly description: string;
  readonly models: readonly string[];
  readonly parameterCount: number;
  readonly assignmentCount: number;
  readonly version: number;
  readonly modifiedBy: string;
  /** ISO 8601. */
  readonly modifiedAt: string;
}

export interface AssignmentRow {
  readonly layer: string;
  /** Name of the group, model, site or device; empty for global. */
  readonly target: string;
  /** 1 is the highest of its target. */
  readonly priority: number;
  readonly apply: 'auto' | 'manual';
}

export interface ProfileDetail extends ProfileRow {
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly secret: boolean }[];
  readonly assignments: readonly AssignmentRow[];
}

export interface ProfileQuery {
  readonly search?: string | undefined;
  readonly vendor?: string | undefined;
  readonly types?: readonly string[] | undefined;
}

export async function* listProfiles(context: OperationContext, query: ProfileQuery): AsyncGenerator<ProfileRow> {
  await bringStandardProfiles(context);
  const { profiles, assignments } = await Workspace.load(context.read.profiles);
  const wanted = query.search === undefined ? '' : nameKey(query.search);
  const rows = [...profiles.values()].toSorted((a, b) => (nameKey(a.name) < nameKey(b.name) ? -1 : 1));
  for (const profile of rows) {
    if (query.vendor !== undefined && profile.vendor !== query.vendor) continue;
    if (query.types !== undefined && !query.types.includes(profile.type)) continue;
    const text = nameKey([profile.name, profile.description, ...profile.parameters.map(([name]) => name)].join('\n'));
    if (!text.includes(wanted)) continue;
    yield rowOf(profile, [...assignments.values()]);
  }
  // One for each device that was imported with parameters: only for those who ask for them.
  if (!query.types?.includes('imported')) return;
  for (const { parameters, assignments: _, ...row } of csvProfiles(context)) {
    if (query.vendor !== undefined && row.vendor !== query.vendor) continue;
    if (nameKey([row.name, ...parameters.map(({ name }) => name)].join('\n')).includes(wanted)) yield row;
  }
}

export async function showProfile(
  context: OperationContext,
  { profile: reference, reveal }: { readonly profile: string; readonly reveal?: boolean | undefined },
): Promise<ProfileDetail> {
  await bringStandardProfiles(context);
  const workspace = await Workspace.load(context.read.profiles);
  const imported = workspace.byName(reference) === undefined ? findCsvProfile(context, reference) : undefined;
  if (imported !== undefined) return showImported(imported, reveal);
  const profile = requireProfile(workspace, reference);
  if (reveal) {
    context.require('profile:reveal');
    await context.write(async () => [undefined, { object: `profile:${profile.name}`, result: 'done' }]);
  }
  const nameOf = await targetNames(context);
  const values = reveal ? open(`profile:${profile.uid}`, profile.parameters, context.secrets) : undefined;
  const assignments = [...workspace.assignments.values()];
  return {
    ...rowOf(profile, assignments),
    parameters: profile.parameters.map(([name, value], index) => ({
      name,
      value: values?.[index]?.value ?? (typeof value === 'string' ? value : MASK),
      secret: typeof value !== 'string',
    })),
    assignments: assignments
      .filter(({ profileId }) => profileId === profile.id)
      .map(({ target, priority, apply }) => ({ layer: target.layer, target: nameOf(target), priority, apply })),
  };
}

/** Its secrets are revealed where its device is: `device show --reveal`. */
function showImported(profile: ProfileDetail, reveal: boolean | undefined): ProfileDetail {
  if (!reveal) return profile;
  throw new PhonectlError('invalid_input', `"${profile.name}" belongs to a device.`, {
    hints: [`Show it there: phonectl device show ${profile.name.replace(/_csv_profile$/, '')} --reveal`],
  });
}

function rowOf(profile: ProfileRecord, assignments: readonly AssignmentRecord[]): ProfileRow {
  const { id, name, vendor, type, description, models, version, modifiedBy, updatedAt, parameters } = profile;
  return {
    id,
    name,
    vendor,
    type,
    description,
    models,
    parameterCount: parameters.length,
    assignmentCount: assignments.filter(({ profileId }) => profileId === id).length,
    version,
    modifiedBy,
    modifiedAt: new Date(updatedAt).toISOString(),
  };
}
