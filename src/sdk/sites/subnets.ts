/** Adding and removing single subnets of a site, and asking where an address would go. */
import type { SiteSubnet } from '../../domain/site.ts';
import { parseAddress } from '../../domain/subnet.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { checkChangeable, requireCidr } from './fields.ts';
import { siteResolver } from './relocate.ts';
import { requireSite, siteOf } from './site.ts';
import { requireAllSites, type SitesWritten, settleSubnets } from './write.ts';

export interface SubnetInput {
  readonly site: string;
  readonly public: string;
  readonly private?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

/** SITE-04, SITE-14: a public subnet, or private ones inside a public one. What is there already is left alone. */
export async function addSubnet(context: OperationContext, input: SubnetInput): Promise<SitesWritten> {
  return await changeSubnets(context, input, (subnets, cidr, inner) => {
    const known = subnets.find((subnet) => subnet.public === cidr);
    if (known === undefined) return [...subnets, { public: cidr, private: inner }];
    const all = [...new Set([...known.private, ...inner])];
    return subnets.map((subnet) => (subnet === known ? { public: cidr, private: all } : subnet));
  });
}

/** Takes private subnets away, or without any the public one with all that is in it. */
export async function removeSubnet(context: OperationContext, input: SubnetInput): Promise<SitesWritten> {
  return await changeSubnets(context, input, (subnets, cidr, inner) => {
    const known = subnets.find((subnet) => subnet.public === cidr);
    const missing = known === undefined ? cidr : inner.find((text) => !known.private.includes(text));
    if (missing !== undefined) {
      throw new PhonectlError('not_found', `The site ${input.site} has no subnet ${missing}.`, {
        hints: [
          `It has: ${subnets.map((subnet) => [subnet.public, ...subnet.private].join(' > ')).join('; ') || 'none'}.`,
        ],
      });
    }
    if (inner.length === 0) return subnets.filter((subnet) => subnet !== known);
    return subnets.map((subnet) =>
      subnet === known ? { public: cidr, private: subnet.private.filter((text) => !inner.includes(text)) } : subnet,
    );
  });
}

type Change = (subnets: readonly SiteSubnet[], cidr: string, inner: readonly string[]) => readonly SiteSubnet[];

async function changeSubnets(context: OperationContext, input: SubnetInput, change: Change): Promise<SitesWritten> {
  requireAllSites(context);
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async ({ sites }) => {
    const warnings: string[] = [];
    const site = await requireSite(sites, input.site, context.scope);
    context.checkVersion(site.version);
    checkChangeable(site.kind, site.name, { subnets: true });
    const cidr = requireCidr(input.public, warnings);
    const inner = (input.private ?? []).map((text) => requireCidr(text, warnings));
    await sites.setSubnets(site.id, change(site.subnets, cidr, inner), now);
    const devicesMoved = await settleSubnets(sites, [site.id], warnings, now);
    return [
      { sites: [siteOf(await sites.get(site.id))], devicesMoved, warnings },
      { object: `site:${site.name}`, result: 'done', details: { public: cidr, private: inner, devicesMoved } },
    ];
  });
}

export interface ResolvedSite {
  readonly site: string;
  readonly siteId: number;
  readonly by: 'subnet' | 'internet' | 'unlocated';
  readonly publicSubnet: string | null;
  readonly privateSubnet: string | null;
  /** A sentence for people. */
  readonly reason: string;
}

/** SITE-10, SITE-11: the site that a device with these addresses belongs to. */
export async function resolveSite(
  context: OperationContext,
  input: { readonly public?: string | undefined; readonly private?: string | undefined },
): Promise<ResolvedSite> {
  for (const text of [input.public, input.private]) {
    if (text !== undefined && parseAddress(text) === undefined) {
      throw new PhonectlError('invalid_input', `"${text}" is not an IP address.`);
    }
  }
  const { sites } = context.read;
  const resolver = await siteResolver(sites);
  const decision = resolver.resolve({ publicIp: input.public ?? null, privateIp: input.private ?? null });
  const site = await sites.find((await sites.get(decision.siteId)).name, context.scope);
  // Which site it would be instead is not for this caller to know.
  if (site === undefined) throw new PhonectlError('not_found', 'These addresses belong to none of your sites.');
  return {
    site: site.name,
    siteId: site.id,
    by: decision.by,
    publicSubnet: decision.publicCidr ?? null,
    privateSubnet: decision.privateCidr ?? null,
    reason: reasonOf(decision),
  };
}

function reasonOf({
  by,
  publicCidr,
  privateCidr,
}: {
  by: string;
  publicCidr?: string;
  privateCidr?: string | null;
}): string {
  if (by === 'internet') return 'No subnet of any site holds the public address.';
  if (by === 'unlocated') return 'No address is known, so the device stays with the company.';
  if (privateCidr) return `${publicCidr} is the longest public match, ${privateCidr} the longest private one in it.`;
  return `${publicCidr} is the longest public match; no private subnet in it fits.`;
}
