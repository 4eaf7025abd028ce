/**
 * From what people call devices to the devices (design.md section 3). Every room that acts on devices starts here.
 */
import { checkTag, DEVICE_STATUSES, DEVICE_VENDORS, deviceKey, ONLINE_FOR } from '../../domain/device.ts';
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import { excerpt, nearest } from '../../domain/text.ts';
import { parseRange } from '../../domain/version.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceFilter, DeviceRecord, ReferenceMatch } from '../ports/devices.ts';
import type { Repositories } from '../ports/store.ts';

/** What the functions here need of an operation's context; a transaction hands in its own repositories. */
export type ReferenceContext = Pick<OperationContext, 'scope' | 'clock' | 'home'> & { readonly read: Repositories };

/** The context with a transaction's repositories in place of the reading ones. */
export function within(context: OperationContext, repositories: Repositories): ReferenceContext {
  return { scope: context.scope, clock: context.clock, home: context.home, read: repositories };
}

const STATUSES: readonly string[] = [...DEVICE_STATUSES, 'online', 'in-call', 'partial', 'aged', 'unknown'];

/**
 * The devices of a selector, in the order of its references, else by name. Throws `not_found` or `ambiguous` for a
 * reference, `usage` for an empty selector or a value that cannot be.
 */
export async function* resolveDevices(
  context: ReferenceContext,
  selector: DeviceSelector,
): AsyncGenerator<DeviceRecord> {
  if (isEmptySelector(selector)) throw new PhonectlError('usage', 'No device was selected.');
  const filter = await filterOf(context, selector);
  if (filter.ids === undefined) {
    yield* context.read.devices.list(filter);
    return;
  }
  const wanted = new Map<number, DeviceRecord>();
  for await (const device of context.read.devices.list(filter)) wanted.set(device.id, device);
  for (const id of filter.ids) {
    const device = wanted.get(id);
    if (device !== undefined) yield device;
  }
}

/** The one device of a reference. */
export async function resolveDevice(
  context: ReferenceContext,
  reference: string,
  options: { readonly replaced?: boolean } = {},
): Promise<DeviceRecord> {
  const id = await resolveId(context, reference, options.replaced ?? false);
  const [device] = await context.read.devices.byIds([id], context.scope);
  if (device === undefined) throw await notFound(context, reference);
  return device;
}

/** A selector with its names resolved; what `DeviceRepository.list` and `count` take. */
export async function filterOf(context: ReferenceContext, selector: DeviceSelector): Promise<DeviceFilter> {
  const { read } = context;
  const ids = await chosenIds(context, selector);
  const firmware = selector.firmware === undefined ? undefined : await firmwaresOf(read, selector.firmware);
  return {
    scope: context.scope,
    onlineSince: context.clock.now() - ONLINE_FOR,
    ...(ids && { ids }),
    ...(selector.sites && { siteIds: await siteIds(context, selector.sites) }),
    ...(selector.groups && { groupIds: await groupIds(read, selector.groups) }),
    ...(selector.models && { models: await modelNames(context, selector.models) }),
    ...(selector.vendors && { vendors: selector.vendors.map((vendor) => oneOf('vendor', vendor, DEVICE_VENDORS)) }),
    ...(selector.statuses && { statuses: selector.statuses.map((status) => oneOf('status', status, STATUSES)) }),
    ...(firmware && { firmwares: firmware }),
    ...(selector.tags && { tags: checkedTags(selector.tags) }),
    ...(selector.search !== undefined && { search: selector.search }),
  };
}

async function chosenIds(
  context: ReferenceContext,
  { refs, ids }: DeviceSelector,
): Promise<readonly number[] | undefined> {
  if (refs === undefined) return ids;
  const named = await resolveIds(context, refs);
  if (ids === undefined) return named;
  const wanted = new Set(ids);
  return named.filter((id) => wanted.has(id));
}

async function resolveIds(context: ReferenceContext, references: readonly string[]): Promise<readonly number[]> {
  const ids = new Set<number>();
  for (const reference of references) ids.add(await resolveId(context, reference, false));
  return [...ids];
}

async function resolveId(context: ReferenceContext, reference: string, replaced: boolean): Promise<number> {
  const matches = await context.read.devices.match(reference, context.scope);
  if (matches.length > 1) throw ambiguous(reference, matches);
  const [match] = matches;
  if (match === undefined) throw await notFound(context, reference);
  if (match.state === 'replaced' && !replaced) throw await isReplaced(context, match);
  return match.id;
}

function ambiguous(reference: string, matches: readonly ReferenceMatch[]): PhonectlError {
  const candidates = matches.map(({ id, mac, serial, name, site, by }) => ({ id, mac, serial, name, site, by }));
  return new PhonectlError('ambiguous', `"${excerpt(reference)}" fits ${matches.length} devices.`, {
    hints: matches
      .slice(0, 10)
      .map((match) => `${deviceKey(match)}  ${match.name || '(no name)'}  at ${match.site}, by its ${match.by}`),
    details: { reference, candidates },
  });
}

async function notFound(context: ReferenceContext, reference: string): Promise<PhonectlError> {
  const near = nearest(reference, await context.read.devices.similar(reference, context.scope));
  return new PhonectlError('not_found', `There is no device "${excerpt(reference)}".`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['List them with `phonectl device list`.'],
    details: { reference: excerpt(reference, 200), suggestions: near },
  });
}

async function isReplaced(context: ReferenceContext, old: ReferenceMatch): Promise<PhonectlError> {
  const [successor] = old.replacedBy === null ? [] : await context.read.devices.byIds([old.replacedBy], context.scope);
  const by = successor === undefined ? 'another device' : deviceKey(successor);
  return new PhonectlError('conflict', `${deviceKey(old)} was replaced by ${by}.`, {
    hints: successor === undefined ? [] : [`Use ${by} instead.`],
    details: { device: deviceKey(old), replacedBy: successor === undefined ? null : deviceKey(successor) },
  });
}

async function siteIds(context: ReferenceContext, names: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const name of names) {
    const site = await context.read.sites.find(name, context.scope);
    if (site === undefined) throw unknown('site', name, await context.read.sites.names(context.scope));
    ids.push(site.id);
  }
  return ids;
}

async function groupIds(read: Repositories, names: readonly string[]): Promise<readonly number[]> {
  const found = await read.devices.groupIds(names);
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) throw unknown('group', missing, await read.devices.groupNames());
  return [...new Set(found.values())];
}

/** Names as the catalogue spells them beside what was typed: a device may carry a model that no catalogue knows. */
async function modelNames(context: ReferenceContext, names: readonly string[]): Promise<readonly string[]> {
  const { loadModels } = await import('../../vendors/registry.ts');
  const catalogue = await loadModels(context.home);
  return [...new Set(names.flatMap((name) => [name, catalogue.find(name)?.name ?? name]))];
}

async function firmwaresOf(read: Repositories, range: string): Promise<readonly string[]> {
  const holds = parseRange(range);
  if (holds === undefined) {
    throw new PhonectlError('usage', `"${excerpt(range)}" is not a firmware version or comparison.`, {
      hints: ["Write 6.4.8, '<6.4' or '>=96.86.0.20', in quotes."],
    });
  }
  return (await read.devices.firmwares()).filter(holds);
}

/** The error for a name that nothing has, with names near it. */
export function unknown(what: string, name: string, candidates: Iterable<string>): PhonectlError {
  const near = nearest(name, candidates);
  return new PhonectlError('not_found', `There is no ${what} "${excerpt(name)}".`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : [`List them with \`phonectl ${what} list\`.`],
    details: { [what]: excerpt(name, 200), suggestions: near },
  });
}

function oneOf(what: string, value: string, values: readonly string[]): string {
  const key = value.trim().toLowerCase();
  const alias = what === 'vendor' && key === 'polycom' ? 'poly' : key;
  if (values.includes(alias)) return alias;
  const near = nearest(key, values, 1);
  throw new PhonectlError('usage', `There is no ${what} "${excerpt(value)}".`, {
    hints: [near.length > 0 ? `Did you mean ${near[0]}?` : `Possible: ${values.join(', ')}.`],
  });
}

function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(tags)) {
    const problem = checkTag(key, value);
    if (problem !== undefined) throw new PhonectlError('usage', `The tag ${excerpt(key)} ${problem}.`);
  }
  return tags;
}
