/**
 * Configuration by its scope instead of by profile (CFG-01, 02, 12, 19): what the phones of a model, a group, a site, or
 * all phones have in common. It lies in one profile of the scope's own, which is made and assigned when it is first set.
 */
import { nearest } from '../../domain/text.ts';
import type { Driver, Vendor } from '../../vendors/driver.ts';
import { allDrivers, loadModels, vendorLabel } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { commitAll, requireEditable, type WriteOptions } from './edits.ts';
import { store } from './parameters.ts';
import { type ProfileDetail, showProfile } from './read.ts';
import { requireResources } from './references.ts';
import { type GivenTarget, resolveTarget, targetNames } from './targets.ts';
import { type GivenParameter, requireParameters, rulesFor } from './validate.ts';
import type { Edit, Workspace } from './workspace.ts';
import type { ProfileWritten } from './write.ts';

export interface GivenScope {
  readonly target: GivenTarget;
  /** Whose phones; by default the model's, or that of the only vendor that knows the parameters. */
  readonly vendor?: Vendor | undefined;
}

export interface ScopeSet extends WriteOptions, GivenScope {
  readonly set?: readonly GivenParameter[] | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly custom?: boolean | undefined;
}

/** Throws `usage` when the vendor is not clear, and what {@link requireParameters} throws. */
export async function setScope(context: OperationContext, input: ScopeSet): Promise<ProfileWritten> {
  context.require('profile:assign');
  const names = [...(input.set ?? []).map(({ name }) => name), ...(input.unset ?? [])];
  const vendor = await vendorOf(context, input, names, input.custom);
  const target = await resolveTarget(context, input.target);
  const profile = await profileName(context, input.target, vendor);
  let custom: readonly string[] = [];
  const result = await commitAll(context, `profile:${profile}`, input, async (workspace): Promise<Edit[]> => {
    const existing = ownProfile(workspace, profile, vendor);
    const rules = await rulesFor(context, vendor, existing?.imageId);
    const checked = requireParameters(rules, input.set ?? [], input);
    await requireResources(context, checked.parameters);
    custom = checked.custom;
    const unset = (input.unset ?? []).map((name) => rules.catalogue.find(name)?.name ?? name);
    const held = new Set((existing?.parameters ?? []).map(([name]) => name));
    const absent = unset.find((name) => !held.has(name));
    if (absent !== undefined) throw notFound('parameter', absent, held);
    const uid = existing?.uid ?? crypto.randomUUID();
    const parameters = store(`profile:${uid}`, checked.parameters, context.secrets);
    const written: Edit =
      existing === undefined
        ? { kind: 'profile.add', uid, name: profile, vendor, type: 'user', ...UNSAID, parameters }
        : { kind: 'profile.set', profile: uid, set: parameters, unset };
    return [written, { kind: 'assign', profile: uid, target, apply: 'auto' }];
  });
  return { ...result, profile, custom };
}

const UNSAID = { description: '', models: [], imageId: null } as const;

/** Throws `not_found` when nothing was ever set for the scope. */
export async function showScope(
  context: OperationContext,
  input: GivenScope & { readonly reveal?: boolean | undefined },
): Promise<ProfileDetail> {
  await resolveTarget(context, input.target);
  const vendor = await vendorOf(context, input, []);
  return await showProfile(context, {
    profile: await profileName(context, input.target, vendor),
    reveal: input.reveal,
  });
}

/** A profile of that name that is something else is left alone. */
function ownProfile(workspace: Workspace, name: string, vendor: Vendor): ProfileRecord | undefined {
  const profile = workspace.byName(name);
  if (profile === undefined) return undefined;
  requireEditable(profile);
  if (profile.vendor === vendor) return profile;
  throw new PhonectlError('exists', `The profile "${name}" is one of another vendor.`, {
    hints: [`Name it otherwise: phonectl profile edit "${name}" --name NEW`],
  });
}

async function vendorOf(
  context: OperationContext,
  { vendor, target }: GivenScope,
  names: readonly string[],
  custom = false,
): Promise<Vendor> {
  if (target.model !== undefined) {
    const model = (await loadModels(context.home)).find(target.model);
    if (model === undefined || model.vendor === 'other') await resolveTarget(context, target);
    else return model.vendor as Vendor;
  }
  if (vendor !== undefined) return vendor;
  await resolveTarget(context, target);
  const drivers = await allDrivers(context.home);
  const strange = names.filter((name) => drivers.every(({ catalogue }) => catalogue.find(name) === undefined));
  if (strange.length > 0 && !custom) throw unheardOf(strange, drivers);
  const knowing = drivers.filter(
    ({ catalogue }) => names.length > 0 && names.every((name) => catalogue.find(name) !== undefined),
  );
  const [only] = knowing;
  if (only !== undefined && knowing.length === 1) return only.vendor;
  throw new PhonectlError('usage', 'It is not clear whose phones this is about.', {
    hints: ['Give --vendor poly, yealink or cisco.'],
  });
}

function unheardOf(names: readonly string[], drivers: readonly Driver[]): PhonectlError {
  const near = nearest(
    names[0] ?? '',
    drivers.flatMap(({ catalogue }) => catalogue.suggest(names[0] ?? '', 2)),
  );
  return new PhonectlError('invalid_data', `No phones have a parameter ${names.join(' or ')} that phonectl knows.`, {
    hints: [
      ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
      'If the name is right, say whose phones it is for: --vendor poly, yealink or cisco, with --custom.',
    ],
    details: { parameters: names },
  });
}

/** `Model VVX 450`, `Group lobby (Poly)`: what people see in `profile list` and in `config explain`. */
async function profileName(context: OperationContext, given: GivenTarget, vendor: Vendor): Promise<string> {
  const target = await resolveTarget(context, given);
  const name = (await targetNames(context))(target);
  const layer = `${target.layer.charAt(0).toUpperCase()}${target.layer.slice(1)}`;
  const text = target.layer === 'model' ? `${layer} ${name}` : `${layer} ${name} (${vendorLabel(vendor)})`;
  // VAL-03: a profile can be exported as a file of its name.
  return text.replace(/\s+/g, ' ').replace(/[/\\:*?"<>|]/g, '-');
}
