/** Sites: a tree of places, each with the subnets that decide which devices are there. */
import type { SiteSubnet, SubnetRule } from '../../domain/site.ts';
import type { DataScope } from '../context.ts';

/** `company` is the root and cannot be deleted; `internet` takes what no subnet claims (SITE-02, SITE-07). */
export type SiteKind = 'company' | 'internet' | 'intranet' | 'site';

/** Who may fetch what at this site, design.md section 6. */
export type Provisioning = 'certificate' | 'credential' | 'shared';

/** What people decide about a site. Times are milliseconds, as everywhere behind the ports. */
export interface SiteData {
  readonly name: string;
  readonly parentId: number | null;
  readonly description: string;
  readonly location: string;
  readonly provisioning: Provisioning;
  readonly autoAdd: boolean;
  /** Where phones here fetch firmware from (SITE-21), with a slash at the end. */
  readonly downloadPath: string | null;
  /** IANA name. */
  readonly timeZone: string | null;
  /** `mon-fri 08:00-18:00`, or `off`; null for those of the site above. */
  readonly officeHours: string | null;
}

export interface SiteRecord extends SiteData {
  readonly id: number;
  readonly kind: SiteKind;
  /** Name of the parent. */
  readonly parent: string | null;
  readonly subnets: readonly SiteSubnet[];
  readonly deviceCount: number;
  readonly accountCount: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Of any list: text to search for, order (`name,-deviceCount`), window. */
export interface ListQuery {
  readonly scope: DataScope;
  readonly search?: string | undefined;
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** A device whose site follows its addresses, with what is known of them. */
export interface AutoDevice {
  readonly id: number;
  readonly siteId: number;
  readonly publicIp: string | null;
  readonly privateIp: string | null;
}

export interface SiteRepository {
  list(query: ListQuery): AsyncIterable<SiteRecord>;
  /** By name (compared as names are) or, when no site has that name, by id. */
  find(reference: string, scope: DataScope): Promise<SiteRecord | undefined>;
  /** Throws `not_found`; for ids that were just looked up. */
  get(id: number): Promise<SiteRecord>;
  names(scope: DataScope): Promise<readonly string[]>;
  /** Id of the one site of a special kind. */
  idOf(kind: 'company' | 'internet'): Promise<number>;
  /** Ids of the sites below, at any depth. */
  descendants(id: number): Promise<readonly number[]>;
  /** Returns the new id. Throws `exists` when the name is taken. */
  insert(kind: SiteKind, data: SiteData, now: number): Promise<number>;
  /** Throws `exists` when a new name is taken. */
  update(id: number, changes: Partial<SiteData>, now: number): Promise<void>;
  setSubnets(id: number, subnets: readonly SiteSubnet[], now: number): Promise<void>;
  /** All of them at once, children before parents. Their devices must have left. */
  delete(ids: readonly number[]): Promise<void>;
  /** Every rule of the enterprise, for a resolver. */
  rules(): Promise<readonly SubnetRule[]>;

  /** Devices at these sites that are pinned there. */
  countPinned(ids: readonly number[]): Promise<number>;
  /** Makes all devices at these sites follow their addresses; returns how many were pinned. */
  unpin(ids: readonly number[], now: number): Promise<number>;
  /** Devices whose site follows their addresses, all of them. */
  autoDevices(): Iterable<AutoDevice>;
  /** Moves devices, bumping their versions. */
  moveDevices(moves: Iterable<{ readonly deviceId: number; readonly siteId: number }>, now: number): void;
  /** Moves accounts from some sites to another; returns how many. */
  moveAccounts(from: readonly number[], to: number, now: number): Promise<number>;
}
