/** Which site a device is at, decided by its addresses (SITE-03, SITE-04, SITE-10, SITE-11). */
import { type Cidr, formatCidr, PrefixTable, parseAddress, parseCidr } from './subnet.ts';

/**
 * One line of a site's network plan: a public subnet, or a private subnet inside one. A site that has private subnets
 * under a public subnet owns only those; a site that has the public subnet without any owns the rest of it (SITE-11).
 */
export interface SubnetRule {
  readonly siteId: number;
  /** As `formatCidr` writes it. */
  readonly publicCidr: string;
  readonly privateCidr: string | null;
}

export interface DeviceAddresses {
  /** Address that the device comes from, as this server sees it. */
  readonly publicIp?: string | null;
  /** The device's own address in its network. */
  readonly privateIp?: string | null;
}

export interface SiteDecision {
  readonly siteId: number;
  /** `subnet`: a rule fits; `internet`: no rule fits (SITE-07); `unlocated`: no address is known yet. */
  readonly by: 'subnet' | 'internet' | 'unlocated';
  /** The rule that fitted. */
  readonly publicCidr?: string;
  readonly privateCidr?: string | null;
}

interface Owner {
  readonly siteId: number;
  readonly rule: SubnetRule;
}

interface PublicSubnet {
  /** Owns the public subnet where no private one fits. */
  whole: Owner | undefined;
  readonly privates: PrefixTable<Owner>;
}

/** The placeholder that Intranet starts with (SITE-06): no device ever comes from it. */
export const UNSET_SUBNET = '0.0.0.0/32';

/** Answers for many devices; building it is cheap enough to do once per command for 20,000 sites. */
export class SiteResolver {
  readonly #publics = new PrefixTable<PublicSubnet>();
  readonly #internet: number;
  readonly #unlocated: number;

  /**
   * `internet` takes what no rule fits, `unlocated` (the company's site) what has shown no address yet. Where two sites
   * claim the very same subnet, the older site (lower id) has it.
   */
  constructor(rules: Iterable<SubnetRule>, fallback: { readonly internet: number; readonly unlocated: number }) {
    this.#internet = fallback.internet;
    this.#unlocated = fallback.unlocated;
    for (const rule of [...rules].sort((a, b) => a.siteId - b.siteId)) this.#add(rule);
  }

  #add(rule: SubnetRule): void {
    const subnet = this.#publics.at(storedCidr(rule.publicCidr), () => ({
      whole: undefined,
      privates: new PrefixTable<Owner>(),
    }));
    const owner = { siteId: rule.siteId, rule };
    if (rule.privateCidr === null) subnet.whole ??= owner;
    else subnet.privates.at(storedCidr(rule.privateCidr), () => owner);
  }

  /**
   * The longest public subnet wins; inside it the longest private one, else its fallback (SITE-11). A public subnet
   * whose sites all want other private addresses gives way to the next shorter one. A device whose public address is
   * not known is taken to be in our own network: its private address is what we would see.
   */
  resolve({ publicIp, privateIp }: DeviceAddresses): SiteDecision {
    const privateAddress = privateIp ? parseAddress(privateIp) : undefined;
    const publicAddress = (publicIp ? parseAddress(publicIp) : undefined) ?? privateAddress;
    if (publicAddress === undefined) return { siteId: this.#unlocated, by: 'unlocated' };
    for (const subnet of this.#publics.matches(publicAddress)) {
      const found = privateAddress && first(subnet.privates.matches(privateAddress));
      const owner = found ?? subnet.whole;
      if (owner !== undefined) {
        const { siteId, publicCidr, privateCidr } = owner.rule;
        return { siteId, by: 'subnet', publicCidr, privateCidr };
      }
    }
    return { siteId: this.#internet, by: 'internet' };
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

function storedCidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new RangeError(`'${text}' is not a subnet.`);
  return parsed.cidr;
}

/** A public subnet of a site with the private subnets under it, all in the one spelling. */
export interface SiteSubnet {
  readonly public: string;
  readonly private: readonly string[];
}

/** Puts rules of one site together, in the order of their first appearance. */
export function groupSubnets(rules: Iterable<Pick<SubnetRule, 'publicCidr' | 'privateCidr'>>): SiteSubnet[] {
  const privates = new Map<string, Set<string>>();
  for (const { publicCidr, privateCidr } of rules) {
    const list = privates.get(publicCidr) ?? new Set();
    if (privateCidr !== null) list.add(privateCidr);
    privates.set(publicCidr, list);
  }
  return [...privates].map(([cidr, list]) => ({ public: cidr, private: [...list] }));
}

/** The rules of subnets: one for each private subnet, or one for the whole public subnet when it has none. */
export function rulesOf(subnets: Iterable<SiteSubnet>): Pick<SubnetRule, 'publicCidr' | 'privateCidr'>[] {
  return [...subnets].flatMap<Pick<SubnetRule, 'publicCidr' | 'privateCidr'>>((subnet) =>
    subnet.private.length === 0
      ? [{ publicCidr: subnet.public, privateCidr: null }]
      : subnet.private.map((privateCidr) => ({ publicCidr: subnet.public, privateCidr })),
  );
}

/** `20.1.0.0/16 > 10.0.0.0/8, 10.33.24.0/24`: how people read it. */
export function subnetText(subnet: SiteSubnet): string {
  return subnet.private.length === 0 ? subnet.public : `${subnet.public} > ${subnet.private.join(', ')}`;
}

/** One rule in the same spelling. */
export function ruleText({ publicCidr, privateCidr }: Pick<SubnetRule, 'publicCidr' | 'privateCidr'>): string {
  return privateCidr === null ? publicCidr : `${publicCidr} > ${privateCidr}`;
}

/** Normalises one subnet (B-06). `undefined` when it is none. */
export function normaliseCidr(text: string): { readonly cidr: string; readonly warning?: string } | undefined {
  const parsed = parseCidr(text);
  if (parsed === undefined) return undefined;
  const cidr = formatCidr(parsed.cidr);
  return parsed.changed ? { cidr, warning: `${text.trim()} is not a network address; taken as ${cidr}.` } : { cidr };
}
