/** Adding, editing and deleting sites. */
import type { InferOutput } from 'valibot';
import { ruleText } from '../../domain/site.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { SiteData, SiteRecord, SiteRepository } from '../ports/sites.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { checkChangeable, type newSiteSchema, normaliseSubnets } from './fields.ts';
import { relocateDevices } from './relocate.ts';
import { requireSite, type Site, siteOf } from './site.ts';

export type NewSite = InferOutput<typeof newSiteSchema>;
export type SiteChanges = { readonly [K in keyof NewSite]?: NewSite[K] | undefined };

export interface SitesWritten {
  readonly sites: readonly Site[];
  /** Devices that are at another site now, since their addresses say so. */
  readonly devicesMoved: number;
  readonly warnings: readonly string[];
}

export async function addSites(
  context: OperationContext,
  input: { readonly sites: readonly NewSite[]; readonly dryRun?: boolean | undefined },
): Promise<SitesWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const warnings: string[] = [];
    const ids: number[] = [];
    for (const site of input.sites) ids.push(await insertSite(context, repositories.sites, site, warnings, now));
    const subnetsGiven = input.sites.some((site) => site.subnets !== undefined);
    const devicesMoved = subnetsGiven ? await settleSubnets(repositories.sites, ids, warnings, now) : 0;
    const sites = await reread(repositories.sites, ids);
    return [
      { sites, devicesMoved, warnings },
      { object: objectOf(sites.map(({ name }) => name)), result: 'done', details: { devicesMoved } },
    ];
  });
}

/** Inserts one site without moving devices: imports do that once, at the end. Returns its id. */
export async function insertSite(
  context: OperationContext,
  sites: SiteRepository,
  { name, parent, subnets, ...rest }: NewSite,
  warnings: string[],
  now: number,
): Promise<number> {
  if (subnets !== undefined) requireAllSites(context);
  const parentId = await parentOf(context, sites, parent);
  const id = await sites.insert('site', { ...BLANK, ...given(rest), name, parentId }, now);
  if (subnets !== undefined) {
    await sites.setSubnets(id, normaliseSubnets(subnets, warnings), now);
  }
  return id;
}

async function parentOf(
  context: OperationContext,
  sites: SiteRepository,
  reference: string | undefined,
): Promise<number> {
  if (reference !== undefined) return (await requireSite(sites, reference, context.scope)).id;
  const company = await sites.get(await sites.idOf('company'));
  return (await requireSite(sites, company.name, context.scope)).id;
}

/** Subnets pull devices from every other site, so only who sees all sites may change them. */
export function requireAllSites({ scope }: Pick<OperationContext, 'scope'>): void {
  if (scope === 'all') return;
  throw new PhonectlError(
    'forbidden',
    'Subnets decide over the devices of all sites, and you may see some sites only.',
    {
      hints: ['Ask somebody who may see all sites.'],
    },
  );
}

const BLANK: Omit<SiteData, 'name' | 'parentId'> = {
  description: '',
  location: '',
  provisioning: 'credential',
  autoAdd: false,
  downloadPath: null,
  timeZone: null,
  officeHours: null,
};

/** The fields that were given; `undefined` means "leave it". */
function given(fields: Omit<SiteChanges, 'name' | 'parent' | 'subnets'>): Partial<SiteData> {
  const { downloadPath, ...rest } = fields;
  const set = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(set) as Partial<SiteData>),
    // Firmware names are put behind it, so it ends in a slash (SITE-21).
    ...(downloadPath !== undefined && {
      downloadPath: downloadPath === null ? null : downloadPath.replace(/\/?$/, '/'),
    }),
  };
}

export async function editSites(
  context: OperationContext,
  input: SiteChanges & { readonly sites: readonly string[]; readonly dryRun?: boolean | undefined },
): Promise<SitesWritten> {
  const { sites: references, dryRun, ...changes } = input;
  if (changes.name !== undefined && references.length > 1) {
    throw new PhonectlError('invalid_input', 'Several sites cannot have one name.');
  }
  const now = context.clock.now();
  return await writeOrRehearse(context, dryRun, async (repositories) => {
    const warnings: string[] = [];
    const ids: number[] = [];
    for (const reference of references) {
      const site = await requireSite(repositories.sites, reference, context.scope);
      context.checkVersion(site.version);
      await changeSite(context, repositories.sites, site, changes, warnings, now);
      ids.push(site.id);
    }
    const devicesMoved =
      changes.subnets === undefined ? 0 : await settleSubnets(repositories.sites, ids, warnings, now);
    const sites = await reread(repositories.sites, ids);
    return [
      { sites, devicesMoved, warnings },
      {
        object: objectOf(sites.map(({ name }) => name)),
        result: 'done',
        details: { changed: Object.keys(changes), devicesMoved },
      },
    ];
  });
}

/** Changes one site without moving devices. Throws `protected`, `conflict` (a cycle), `exists`. */
export async function changeSite(
  context: OperationContext,
  sites: SiteRepository,
  site: SiteRecord,
  changes: SiteChanges,
  warnings: string[],
  now: number,
): Promise<void> {
  checkChangeable(site.kind, site.name, changes);
  if (changes.subnets !== undefined) requireAllSites(context);
  const { name, parent, subnets, ...rest } = changes;
  const parentId = parent === undefined ? undefined : await newParent(context, sites, site, parent);
  await sites.update(
    site.id,
    { ...given(rest), ...(name !== undefined && { name }), ...(parentId !== undefined && { parentId }) },
    now,
  );
  if (subnets !== undefined) {
    await sites.setSubnets(site.id, normaliseSubnets(subnets, warnings), now);
  }
}

async function newParent(
  context: OperationContext,
  sites: SiteRepository,
  site: SiteRecord,
  reference: string,
): Promise<number> {
  const parent = await requireSite(sites, reference, context.scope);
  if (parent.id === site.id || (await sites.descendants(site.id)).includes(parent.id)) {
    throw new PhonectlError('conflict', `${parent.name} cannot be the parent of ${site.name}: it lies below it.`);
  }
  return parent.id;
}

/** After subnets of these sites have changed: says which of them others claim too, and moves the devices. */
export async function settleSubnets(
  sites: SiteRepository,
  ids: readonly number[],
  warnings: string[],
  now: number,
): Promise<number> {
  const changed = new Set(ids);
  const owners = new Map<string, number>();
  for (const rule of [...(await sites.rules())].sort((a, b) => a.siteId - b.siteId)) {
    const text = ruleText(rule);
    const owner = owners.get(text);
    if (owner === undefined) owners.set(text, rule.siteId);
    else if (changed.has(owner) || changed.has(rule.siteId)) {
      const [older, younger] = [await sites.get(owner), await sites.get(rule.siteId)];
      warnings.push(
        `${older.name} and ${younger.name} both claim ${text}; the older site, ${older.name}, has its devices.`,
      );
    }
  }
  return await relocateDevices(sites, now);
}

export interface SitesDeleted {
  /** Names, children included. */
  readonly deleted: readonly string[];
  readonly devicesMoved: number;
  /** Pinned devices that follow their addresses again (`migrate`). */
  readonly devicesUnpinned: number;
  /** Accounts that went to the parent site. */
  readonly accountsMoved: number;
}

/** B-03: pinned devices keep a site unless they may migrate; children go only when asked for. */
export async function deleteSites(
  context: OperationContext,
  input: {
    readonly sites: readonly string[];
    readonly recursive?: boolean | undefined;
    readonly migrate?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
  },
): Promise<SitesDeleted> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const { sites } = repositories;
    const going = await sitesToDelete(context, sites, input);
    const [ids, names] = [[...going.keys()], [...going.values()]];
    const pinned = await sites.countPinned(ids);
    if (pinned > 0 && input.migrate !== true) {
      throw new PhonectlError('in_use', `${pinned} devices are pinned to ${names.join(', ')}.`, {
        hints: ['Let them follow their addresses to other sites with --migrate, or move them first.'],
        details: { pinned },
      });
    }
    await sites.unpin(ids, now);
    const accountsMoved = await moveAccountsUp(sites, going, now);
    // Without their subnets no device resolves to them any more.
    for (const id of ids) await sites.setSubnets(id, [], now);
    const devicesMoved = await relocateDevices(sites, now);
    await sites.delete(ids);
    const result = { deleted: names, devicesMoved, devicesUnpinned: pinned, accountsMoved };
    return [result, { object: objectOf(names), result: 'done', details: { ...result } }];
  });
}

async function sitesToDelete(
  context: OperationContext,
  sites: SiteRepository,
  input: { readonly sites: readonly string[]; readonly recursive?: boolean | undefined },
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for (const reference of input.sites) {
    const site = await requireSite(sites, reference, context.scope);
    context.checkVersion(site.version);
    if (site.kind === 'company' || site.kind === 'internet') {
      const reason = site.kind === 'company' ? 'it is the root of all sites' : 'it takes what no other site claims';
      throw new PhonectlError('protected', `The site ${site.name} cannot be deleted: ${reason}.`);
    }
    found.set(site.id, site.name);
  }
  for (const id of [...found.keys()]) {
    for (const child of await sites.descendants(id)) {
      if (found.has(child)) continue;
      const record = await sites.get(child);
      if (input.recursive !== true) {
        throw new PhonectlError('in_use', `The site ${found.get(id)} has sites below it, such as ${record.name}.`, {
          hints: ['Delete them too with --recursive, or give them another parent.'],
        });
      }
      found.set(child, record.name);
    }
  }
  return found;
}

/** Accounts go up the tree, to the nearest site that stays. */
async function moveAccountsUp(sites: SiteRepository, going: ReadonlyMap<number, string>, now: number): Promise<number> {
  let moved = 0;
  for (const id of going.keys()) {
    let { parentId } = await sites.get(id);
    while (parentId !== null && going.has(parentId)) ({ parentId } = await sites.get(parentId));
    moved += await sites.moveAccounts([id], parentId ?? (await sites.idOf('company')), now);
  }
  return moved;
}

async function reread(sites: SiteRepository, ids: readonly number[]): Promise<readonly Site[]> {
  const records: Site[] = [];
  for (const id of ids) records.push(siteOf(await sites.get(id)));
  return records;
}

function objectOf(names: readonly string[]): string {
  return names.length === 1 ? `site:${nameKey(names[0]!)}` : `sites (${names.length})`;
}
