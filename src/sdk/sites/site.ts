/** A site as people and programs see it, and finding one. */
import type { SiteSubnet } from '../../domain/site.ts';
import type { DataScope } from '../context.ts';
import { notFound } from '../missing.ts';
import type { Provisioning, SiteKind, SiteRecord, SiteRepository } from '../ports/sites.ts';

export interface Site {
  readonly id: number;
  readonly name: string;
  readonly kind: SiteKind;
  /** Name of the parent; null for the company's own site. */
  readonly parent: string | null;
  readonly description: string;
  readonly location: string;
  readonly subnets: readonly SiteSubnet[];
  readonly provisioning: Provisioning;
  /** True adds phones that nobody announced instead of listing them as quarantined. */
  readonly autoAdd: boolean;
  readonly downloadPath: string | null;
  readonly timeZone: string | null;
  /** `mon-fri 08:00-18:00`, or `off`: hours in which phones should not restart. null: those of the site above. */
  readonly officeHours: string | null;
  readonly deviceCount: number;
  readonly accountCount: number;
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function siteOf(record: SiteRecord): Site {
  const { parentId: _, createdAt, updatedAt, ...rest } = record;
  return { ...rest, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}

/** Finds a site by name or id. Throws `not_found` with the nearest names. */
export async function requireSite(sites: SiteRepository, reference: string, scope: DataScope): Promise<SiteRecord> {
  const site = await sites.find(reference, scope);
  if (site === undefined) throw notFound('site', reference, await sites.names(scope));
  return site;
}
