/** What can be done to profiles and their assignments. Every one of these is an edit of the stack. */

import { nameKey } from '../../domain/text.ts';
import type { Vendor } from '../../vendors/driver.ts';
import { loadModels, vendorLabel } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import type { StoredParameter } from '../ports/profiles.ts';
import type { Repositories } from '../ports/store.ts';
import type { EditsFor } from './changes.ts';
import type { CommitResult } from './commit.ts';
import { csvProfilesNamed, planWithout } from './csv-profiles.ts';
import { checkFileName, commitAll, requireEditable, requireProfile, type WriteOptions } from './edits.ts';
import { requireFit, requireSoftware } from './images.ts';
import { open, store } from './parameters.ts';
import { joinPlans } from './plan.ts';
import { requireResources } from './references.ts';
import { type GivenTarget, resolveTarget } from './targets.ts';
import { type GivenParameter, requireParameters, rulesFor } from './validate.ts';
import { type Edit, notAssigned } from './workspace.ts';

export interface ProfileWritten extends CommitResult {
  readonly profile: string;
  /** Parameters that no catalogue knows; they are sent as they are. */
  readonly custom: readonly string[];
}

export interface NewProfile extends WriteOptions {
  readonly name: string;
  readonly vendor: Vendor;
  readonly description?: string | undefined;
  readonly models?: readonly string[] | undefined;
  /** Name of the software profile of a firmware image, which the phones are to have (PROF-11). */
  readonly software?: string | undefined;
  readonly set?: readonly GivenParameter[] | undefined;
  readonly custom?: boolean | undefined;
}

export async function addProfile(context: OperationContext, input: NewProfile): Promise<ProfileWritten> {
  checkFileName(input.name);
  const imageId = await imageFor(context, input.vendor, input.software);
  const models = await modelNames(context, input.vendor, input.models ?? []);
  const rules = await rulesFor(context, input.vendor, imageId);
  const checked = requireParameters(rules, input.set ?? [], input);
  await requireResources(context, checked.parameters);
  const uid = crypto.randomUUID();
  return await commit(context, input.name, input, checked.custom, () => [
    {
      kind: 'profile.add',
      uid,
      name: input.name,
      vendor: input.vendor,
      type: 'user',
      description: input.description ?? '',
      models,
      imageId,
      parameters: store(`profile:${uid}`, checked.parameters, context.secrets),
    },
  ]);
}

export interface ProfileChanges extends WriteOptions {
  readonly profile: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly models?: readonly string[] | undefined;
  /** Null for none. */
  readonly software?: string | null | undefined;
}

export async function editProfile(context: OperationContext, input: ProfileChanges): Promise<ProfileWritten> {
  if (input.name !== undefined) checkFileName(input.name);
  const { name, description, models, software } = input;
  return await commit(context, input.profile, input, [], async (workspace) => {
    const profile = requireProfile(workspace, input.profile);
    requireEditable(profile);
    const vendor = profile.vendor as Vendor;
    return [
      {
        kind: 'profile.edit',
        profile: profile.uid,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(models !== undefined && { models: await modelNames(context, vendor, models) }),
        ...(software !== undefined && { imageId: await imageFor(context, vendor, software ?? undefined) }),
      },
    ];
  });
}

async function modelNames(
  context: OperationContext,
  vendor: Vendor,
  names: readonly string[],
): Promise<readonly string[]> {
  const models = await loadModels(context.home);
  return names.map((name) => {
    const model = models.find(name, vendor);
    if (model === undefined) throw notFound('model', name, models.suggest(name));
    return model.name;
  });
}

async function imageFor(
  context: OperationContext,
  vendor: Vendor,
  software: string | undefined,
): Promise<number | null> {
  if (software === undefined) return null;
  const image = await requireSoftware(context, software);
  if (image.vendor === vendor) return image.imageId;
  throw new PhonectlError('invalid_input', `${image.name} is no firmware for ${vendorLabel(vendor)} phones.`);
}

export interface ProfileSet extends WriteOptions {
  readonly profile: string;
  readonly set?: readonly GivenParameter[] | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly custom?: boolean | undefined;
}

export async function setParameters(context: OperationContext, input: ProfileSet): Promise<ProfileWritten> {
  let custom: readonly string[] = [];
  const result = await commitAll(context, `profile:${input.profile}`, input, async (workspace) => {
    const profile = requireProfile(workspace, input.profile);
    requireEditable(profile);
    const rules = await rulesFor(context, profile.vendor as Vendor, profile.imageId);
    const checked = requireParameters(rules, input.set ?? [], input);
    await requireResources(context, checked.parameters);
    custom = checked.custom;
    const unset = (input.unset ?? []).map((name) => rules.catalogue.find(name)?.name ?? name);
    const held = new Set(profile.parameters.map(([name]) => name));
    const absent = unset.find((name) => !held.has(name));
    if (absent !== undefined) throw notFound('parameter', absent, held);
    const set = store(`profile:${profile.uid}`, checked.parameters, context.secrets);
    return [{ kind: 'profile.set', profile: profile.uid, set, unset }];
  });
  return { ...result, profile: input.profile, custom };
}

export async function copyProfile(
  context: OperationContext,
  input: WriteOptions & { readonly profile: string; readonly name: string },
): Promise<ProfileWritten> {
  checkFileName(input.name);
  const uid = crypto.randomUUID();
  return await commit(context, input.name, input, [], (workspace) => {
    const { uid: from, vendor, description, models, imageId, parameters } = requireProfile(workspace, input.profile);
    return [
      {
        kind: 'profile.add',
        uid,
        name: input.name,
        vendor,
        type: 'user',
        description,
        models,
        imageId,
        parameters: reseal(from, uid, parameters, context),
      },
    ];
  });
}

/** A sealed value opens in its own profile only. */
function reseal(
  from: string,
  to: string,
  parameters: readonly StoredParameter[],
  { secrets }: OperationContext,
): readonly StoredParameter[] {
  return store(`profile:${to}`, open(`profile:${from}`, parameters, secrets), secrets);
}

export interface ProfilesDeleted extends CommitResult {
  readonly deleted: readonly string[];
}

/** PROF-19. CSV profiles go with the parameters of their devices (PROF-21); a rollback brings back the others only. */
export async function deleteProfiles(
  context: OperationContext,
  input: WriteOptions & { readonly profiles: readonly string[] },
): Promise<ProfilesDeleted> {
  const imported = csvProfilesNamed(context, input.profiles);
  const names = new Set(imported.map(({ name }) => nameKey(name)));
  if (imported.length > 0 && input.change !== undefined) {
    throw new PhonectlError(
      'conflict',
      'The CSV profile of a device cannot be put into a change: it is no part of the stack.',
      {
        hints: ['Delete it without --change.'],
      },
    );
  }
  // Before it is done: afterwards nothing is left to compare with.
  const lost = await planWithout(context, imported);
  let deleted: readonly string[] = [];
  const also = async ({ devices }: Repositories): Promise<void> => {
    for (const { record } of imported) await devices.update(record.id, { document: null }, context.clock.now());
  };
  const result = await commitAll(
    context,
    `profiles (${input.profiles.length})`,
    { ...input, ...(imported.length > 0 && { also }) },
    (workspace) => {
      const profiles = input.profiles
        .filter((reference) => !names.has(nameKey(reference)))
        .map((reference) => requireProfile(workspace, reference));
      for (const profile of profiles) requireEditable(profile);
      deleted = [...profiles, ...imported].map(({ name }) => name);
      return profiles.map(({ uid }) => ({ kind: 'profile.delete', profile: uid }));
    },
  );
  if (imported.length === 0) return { ...result, deleted };
  return { ...result, changed: true, plan: joinPlans(result.plan, lost), deleted };
}

export interface Assign extends WriteOptions {
  readonly profile: string;
  readonly target: GivenTarget;
  readonly priority?: number | undefined;
  readonly apply?: 'auto' | 'manual' | undefined;
}

export async function assignProfile(context: OperationContext, input: Assign): Promise<ProfileWritten> {
  const target = await resolveTarget(context, input.target);
  return await commit(context, input.profile, input, [], async (workspace) => {
    const profile = requireProfile(workspace, input.profile);
    await requireFit(context, profile, target);
    if (profile.type === 'standard' && /-template$/i.test(profile.name)) {
      throw new PhonectlError('protected', `"${profile.name}" is a template and cannot be assigned (PROF-05).`, {
        hints: [`Copy it, fill it in, and assign the copy: phonectl profile copy "${profile.name}" NEW`],
      });
    }
    return [
      {
        kind: 'assign',
        profile: profile.uid,
        target,
        apply: input.apply ?? 'auto',
        ...(input.priority !== undefined && { priority: input.priority }),
      },
    ];
  });
}

export async function unassignProfile(
  context: OperationContext,
  input: WriteOptions & { readonly profile: string; readonly target: GivenTarget },
): Promise<ProfileWritten> {
  const target = await resolveTarget(context, input.target);
  return await commit(context, input.profile, input, [], (workspace) => [
    { kind: 'unassign', profile: requireProfile(workspace, input.profile).uid, target },
  ]);
}

export interface Order extends WriteOptions {
  /** The highest first; others of the target keep their order behind these. */
  readonly profiles: readonly string[];
  readonly target: GivenTarget;
}

/** PROF-30: the order of the profiles of a target. */
export async function orderProfiles(context: OperationContext, input: Order): Promise<CommitResult> {
  const target = await resolveTarget(context, input.target);
  return await commitAll(context, `order:${target.layer}`, input, (workspace) => {
    const there = workspace.at(target);
    return input.profiles.map((reference, index): Edit => {
      const profile = requireProfile(workspace, reference);
      const assignment = there.find(({ profileId }) => profileId === profile.id);
      if (assignment === undefined) throw notAssigned(profile);
      return { kind: 'assign', profile: profile.uid, target, priority: index + 1, apply: assignment.apply };
    });
  });
}

async function commit(
  context: OperationContext,
  profile: string,
  options: WriteOptions,
  custom: readonly string[],
  edits: EditsFor,
): Promise<ProfileWritten> {
  return { profile, custom, ...(await commitAll(context, `profile:${profile}`, options, edits)) };
}
