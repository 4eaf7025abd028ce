/** What people call a target of an assignment, and the target. */
import type { Target } from '../../domain/stack.ts';
import { loadModels } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { requireGroup } from '../groups/group.ts';
import { notFound } from '../missing.ts';
import type { ProfileRepository } from '../ports/profiles.ts';

/** Exactly one of the fields. */
export interface GivenTarget {
  readonly global?: boolean | undefined;
  readonly group?: string | undefined;
  readonly model?: string | undefined;
  readonly site?: string | undefined;
  readonly device?: string | undefined;
}

type Context = Pick<OperationContext, 'read' | 'scope' | 'home' | 'clock'>;

/** Throws `usage` when not exactly one target is named, `not_found` or `ambiguous` when the name fits none or several. */
export async function resolveTarget(context: Context, given: GivenTarget): Promise<Target> {
  const named = Object.entries(given).filter(([, value]) => value !== undefined && value !== false);
  if (named.length !== 1) {
    throw new PhonectlError('usage', 'A profile is assigned to exactly one target at a time.', {
      hints: ['Give one of --global, --group, --model, --site, --device.'],
    });
  }
  if (given.global) return { layer: 'global' };
  if (given.group !== undefined) {
    return { layer: 'group', id: (await requireGroup(context.read.groups, given.group, context.scope)).id };
  }
  if (given.model !== undefined) return { layer: 'model', model: await modelName(context, given.model) };
  if (given.site !== undefined) return { layer: 'site', id: await siteId(context, given.site) };
  return { layer: 'device', id: (await resolveDevice(context, given.device!)).id };
}

async function modelName(context: Context, name: string): Promise<string> {
  const models = await loadModels(context.home);
  const model = models.find(name);
  if (model === undefined) throw notFound('model', name, models.suggest(name));
  return model.name;
}

async function siteId(context: Context, reference: string): Promise<number> {
  const site = await context.read.sites.find(reference, context.scope);
  if (site === undefined) throw notFound('site', reference, await context.read.sites.names(context.scope));
  return site.id;
}

/** Names of targets, for showing many assignments: read once. */
export async function targetNames(
  context: Context & { readonly read: { readonly profiles: ProfileRepository } },
): Promise<(target: Target) => string> {
  const sites = new Map<number, string>();
  for await (const site of context.read.sites.list({ scope: context.scope })) sites.set(site.id, site.name);
  const groups = new Map<number, string>();
  for await (const group of context.read.groups.list({ scope: context.scope })) groups.set(group.id, group.name);
  const models = await loadModels(context.home);
  return (target) => {
    if (target.layer === 'global') return '';
    if (target.layer === 'model') return models.find(target.model)?.name ?? target.model;
    if (target.layer === 'site') return sites.get(target.id) ?? String(target.id);
    if (target.layer === 'group') return groups.get(target.id) ?? String(target.id);
    if (target.layer === 'device') {
      const [device] = [...context.read.profiles.positions(context.scope, [target.id])];
      return device?.name || device?.mac || device?.serial || String(target.id);
    }
    return String(target.id);
  };
}
