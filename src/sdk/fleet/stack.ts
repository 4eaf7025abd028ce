/** Profiles and assignments of a fleet folder, as edits of the stack that make it what the folder says. */
import { array, type InferOutput, nullish, optional, picklist, record, strictObject, string, union } from 'valibot';
import { checkName, nameKey } from '../../domain/text.ts';
import { VENDORS } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { store } from '../profiles/parameters.ts';
import { type GivenTarget, resolveTarget } from '../profiles/targets.ts';
import { rulesFor } from '../profiles/validate.ts';
import type { Edit, EditStamp, Workspace } from '../profiles/workspace.ts';
import { ASSIGNMENTS, type Folder, isIn, readText } from './folder.ts';
import { imageIds } from './images.ts';
import { parametersField, readParameters } from './parameters.ts';
import type { FolderProblem, Problems } from './problems.ts';
import { profileSecret, type SecretFinder } from './secrets.ts';
import { readYaml, type YamlFile } from './yaml.ts';

const profileFile = strictObject({
  name: string(),
  vendor: picklist(VENDORS),
  type: optional(picklist(['user', 'imported'])),
  description: nullish(string(), ''),
  models: nullish(array(string()), []),
  firmware: nullish(string(), ''),
  parameters: parametersField,
});

const assigned = array(
  union([string(), strictObject({ profile: string(), apply: optional(picklist(['auto', 'manual'])) })]),
);
const byName = optional(record(string(), assigned));
const assignmentFile = strictObject({
  global: optional(assigned),
  groups: byName,
  models: byName,
  sites: byName,
  devices: byName,
});

export type ProfileFile = InferOutput<typeof profileFile>;
export type AssignmentFile = InferOutput<typeof assignmentFile>;
type Source<T> = YamlFile<T> & { readonly file: string };

/** What a folder says of the stack. */
export interface StackIntent {
  readonly profiles: readonly Source<ProfileFile>[];
  readonly assignments: YamlFile<AssignmentFile> | undefined;
}

/** References to secrets outside that the profiles of a folder hold. */
export function* secretTexts({ profiles }: StackIntent): Generator<string> {
  for (const { value } of profiles) {
    for (const parameter of Object.values(value.parameters ?? {})) {
      if (typeof parameter !== 'string') yield parameter.secret;
    }
  }
}

export async function readStack(folder: Folder, problems: Problems): Promise<StackIntent> {
  const profiles: Source<ProfileFile>[] = [];
  const seen = new Map<string, string>();
  for (const file of folder.names.filter((name) => isIn('profiles', name))) {
    const yaml = await read(folder, file, profileFile, problems);
    if (yaml === undefined) continue;
    const { name } = yaml.value;
    const wrong = checkName(name);
    const twin = seen.get(nameKey(name));
    if (wrong !== undefined) problems.add({ ...yaml.place('name'), reason: `The name ${wrong}.`, remedy: '' });
    if (twin !== undefined) {
      problems.add({ ...yaml.place('name'), reason: `${twin} is a profile of this name too.`, remedy: 'Rename one.' });
    }
    seen.set(nameKey(name), file);
    if (wrong === undefined && twin === undefined) profiles.push({ ...yaml, file });
  }
  const assignments = folder.names.includes(ASSIGNMENTS)
    ? await read(folder, ASSIGNMENTS, assignmentFile, problems)
    : undefined;
  return { profiles, assignments };
}

async function read<S extends typeof profileFile | typeof assignmentFile>(
  folder: Folder,
  file: string,
  schema: S,
  problems: Problems,
): Promise<YamlFile<InferOutput<S>> | undefined> {
  return await problems.within(file, async () => {
    return await readYaml(file, await readText(folder, file), schema, problems);
  });
}

export interface StackOptions {
  readonly secrets: SecretFinder;
  readonly problems: Problems;
  /** Take away what the folder does not have. */
  readonly prune: boolean;
  /** Nothing but the folder is there: what it refers to beside itself is taken to exist. */
  readonly alone: boolean;
}

/** Edits the workspace; what cannot be done is a problem of the file that says it. */
export async function editStack(
  context: OperationContext,
  workspace: Workspace,
  stamp: EditStamp,
  intent: StackIntent,
  options: StackOptions,
): Promise<void> {
  const images = await imageIds(context);
  for (const source of intent.profiles) {
    for (const edit of await profileEdits(context, workspace, source, images, options)) workspace.apply(edit, stamp);
  }
  if (options.prune) pruneProfiles(workspace, stamp, intent);
  await editAssignments(context, workspace, stamp, intent, options);
}

async function profileEdits(
  context: OperationContext,
  workspace: Workspace,
  source: Source<ProfileFile>,
  images: ReadonlyMap<string, number>,
  { secrets, problems, alone }: StackOptions,
): Promise<readonly Edit[]> {
  const { value, place } = source;
  const { name, vendor } = value;
  const existing = workspace.byName(name);
  if (existing !== undefined && (existing.vendor !== vendor || !isOwn(existing))) {
    const reason = isOwn(existing)
      ? `The profile "${name}" that there is belongs to ${existing.vendor}.`
      : `"${name}" is a ${existing.type} profile and cannot be changed (PROF-17).`;
    problems.add({ ...place('name'), reason, remedy: 'Choose another name.' });
    return [];
  }
  const firmware = value.firmware ?? '';
  const imageId = firmware === '' ? null : (images.get(nameKey(firmware)) ?? (alone ? null : undefined));
  if (imageId === undefined) {
    const remedy = 'Add it first: phonectl firmware add FILE';
    problems.add({ ...place('firmware'), reason: `There is no firmware image "${firmware}" here (FW-13).`, remedy });
    return [];
  }
  const uid = existing?.uid ?? crypto.randomUUID();
  const { names, parameters: given } = readParameters(source, {
    rules: await rulesFor(context, vendor, imageId),
    secretOf: (parameter) => profileSecret(name, parameter),
    isStored: (parameter) =>
      existing?.parameters.some(([held, stored]) => held === parameter && typeof stored !== 'string') ?? false,
    secrets,
    problems,
  });
  const set = store(`profile:${uid}`, given, context.secrets);
  const fields = { description: value.description ?? '', models: value.models ?? [], imageId };
  if (existing === undefined) {
    return [{ kind: 'profile.add', uid, name, vendor, type: value.type ?? 'user', ...fields, parameters: set }];
  }
  const unset = existing.parameters.map(([held]) => held).filter((held) => !names.has(held));
  return [
    { kind: 'profile.edit', profile: uid, name, ...fields },
    { kind: 'profile.set', profile: uid, set, unset },
  ];
}

function isOwn({ type }: ProfileRecord): boolean {
  return type === 'user' || type === 'imported';
}

function pruneProfiles(workspace: Workspace, stamp: EditStamp, { profiles }: StackIntent): void {
  const kept = new Set(profiles.map(({ value }) => nameKey(value.name)));
  for (const profile of [...workspace.profiles.values()]) {
    if (isOwn(profile) && !kept.has(nameKey(profile.name))) {
      workspace.apply({ kind: 'profile.delete', profile: profile.uid }, stamp);
    }
  }
}

async function editAssignments(
  context: OperationContext,
  workspace: Workspace,
  stamp: EditStamp,
  { assignments }: StackIntent,
  { problems, prune, alone }: StackOptions,
): Promise<void> {
  const wanted = new Set<string>();
  for (const { target: given, list, keys } of targetsOf(assignments?.value ?? {})) {
    const at = (index: number): Pick<FolderProblem, 'file' | 'line' | 'column'> => assignments!.place(...keys, index);
    const target = await problems.within(ASSIGNMENTS, async () => {
      try {
        return await resolveTarget(context, given);
      } catch (error) {
        throw placed(error, assignments!.place(...keys));
      }
    });
    if (target === undefined) continue;
    list.forEach(({ profile: name, apply }, index) => {
      const profile = workspace.byName(name);
      if (profile === undefined) {
        const { file, line, column } = at(index);
        const reason = `There is no profile "${name}".`;
        // It may be one that comes with phonectl or with a firmware image.
        if (alone) problems.warn(`${file}:${line}:${column}`, `The folder has no profile "${name}".`);
        else problems.add({ file, line, column, reason, remedy: 'Add it under profiles/.' });
        return;
      }
      if (profile.type === 'standard' && /-template$/i.test(profile.name)) {
        const reason = `"${profile.name}" is a template and cannot be assigned (PROF-05).`;
        problems.add({ ...at(index), reason, remedy: 'Copy it, and assign the copy.' });
        return;
      }
      workspace.apply({ kind: 'assign', profile: profile.uid, target, priority: index + 1, apply }, stamp);
      const assignment = workspace.at(target).find(({ profileId }) => profileId === profile.id);
      wanted.add(String(assignment?.id));
    });
  }
  if (!prune) return;
  for (const { id, profileId, target } of [...workspace.assignments.values()]) {
    const profile = workspace.profiles.get(profileId);
    if (profile === undefined || wanted.has(String(id))) continue;
    workspace.apply({ kind: 'unassign', profile: profile.uid, target }, stamp);
  }
}

/** The error with its place in the file, as {@link Problems.within} reads it. */
function placed(error: unknown, { line, column }: Pick<FolderProblem, 'line' | 'column'>): unknown {
  if (!(error instanceof Error) || !('details' in error)) return error;
  return Object.assign(error, { details: { ...(error.details as object), line, column } });
}

interface TargetIntent {
  readonly target: GivenTarget;
  readonly list: readonly { readonly profile: string; readonly apply: 'auto' | 'manual' }[];
  /** Where it stands in the file. */
  readonly keys: readonly string[];
}

function* targetsOf(file: AssignmentFile): Generator<TargetIntent> {
  const entries = (list: NonNullable<AssignmentFile['global']>): TargetIntent['list'] =>
    list.map((entry) =>
      typeof entry === 'string'
        ? { profile: entry, apply: 'auto' }
        : { profile: entry.profile, apply: entry.apply ?? 'auto' },
    );
  if (file.global !== undefined) yield { target: { global: true }, list: entries(file.global), keys: ['global'] };
  for (const [section, field] of [
    ['groups', 'group'],
    ['models', 'model'],
    ['sites', 'site'],
    ['devices', 'device'],
  ] as const) {
    for (const [name, list] of Object.entries(file[section] ?? {})) {
      yield { target: { [field]: name }, list: entries(list), keys: [section, name] };
    }
  }
}
