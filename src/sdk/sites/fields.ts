/** What can be said about a site, and what must not be. */
import { array, boolean, check, nullable, object, optional, picklist, pipe, strictObject, string } from 'valibot';
import { OFF, parseOfficeHours } from '../../domain/office-hours.ts';
import { normaliseCidr, type SiteSubnet } from '../../domain/site.ts';
import { PhonectlError } from '../errors.ts';
import { nameField, referenceField, textField } from '../fields.ts';
import type { SiteKind } from '../ports/sites.ts';

export const PROVISIONING = ['certificate', 'credential', 'shared'] as const;

/** Subnets as people write them: any base address, normalised with a warning (B-06). */
const subnetField = object({ public: string(), private: optional(array(string()), []) });

const downloadPathField = pipe(string(), check(isDownloadPath, 'is not a URL such as https://relay.example.net/'));

/** SITE-21; plain HTTP too, for relays in the LAN. */
export function isDownloadPath(text: string): boolean {
  return URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);
}

const timeZoneField = pipe(
  string(),
  check(isTimeZone, ({ input }) => `"${input}" is no time zone such as Europe/Berlin`),
);

/** Whether it is an IANA name that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const officeHoursField = pipe(
  string(),
  check(isOfficeHours, ({ input }) => `"${input}" are no office hours such as "mon-fri 08:00-18:00", and not "off"`),
);

/** Hours in which phones should not restart, or `off` (TASK-32). */
export function isOfficeHours(text: string): boolean {
  return text === OFF || parseOfficeHours(text) !== undefined;
}

/** Everything but the name; a missing field is left as it is, `null` clears. */
export const siteFields = {
  parent: optional(referenceField),
  description: optional(textField),
  location: optional(textField),
  subnets: optional(array(subnetField)),
  provisioning: optional(picklist(PROVISIONING)),
  autoAdd: optional(boolean()),
  downloadPath: optional(nullable(downloadPathField)),
  timeZone: optional(nullable(timeZoneField)),
  officeHours: optional(nullable(officeHoursField)),
};

export const newSiteSchema = strictObject({ name: nameField, ...siteFields });

/** Normalises subnets; what is none is `invalid_input`. Warnings are appended. */
export function normaliseSubnets(
  subnets: readonly { readonly public: string; readonly private: readonly string[] }[],
  warnings: string[],
): readonly SiteSubnet[] {
  const byPublic = new Map<string, Set<string>>();
  for (const subnet of subnets) {
    const cidr = requireCidr(subnet.public, warnings);
    const list = byPublic.get(cidr) ?? new Set();
    for (const text of subnet.private) list.add(requireCidr(text, warnings));
    byPublic.set(cidr, list);
  }
  return [...byPublic].map(([cidr, list]) => ({ public: cidr, private: [...list] }));
}

export function requireCidr(text: string, warnings: string[]): string {
  const parsed = normaliseCidr(text);
  if (parsed === undefined) {
    throw new PhonectlError('invalid_input', `"${text}" is not a subnet.`, {
      hints: ['Write it as 20.1.0.0/16 or 2001:db8:20::/48.'],
    });
  }
  if (parsed.warning !== undefined) warnings.push(parsed.warning);
  return parsed.cidr;
}

/** Fields of the Internet site that the manual lets nobody change (SITE-07, SITE-22), with why. */
const FIXED = ['name', 'parent', 'description', 'location', 'subnets', 'downloadPath'] as const;

/** Throws `protected` when these changes are not possible on a site of this kind. */
export function checkChangeable(kind: SiteKind, name: string, changes: Readonly<Record<string, unknown>>): void {
  const given = FIXED.filter((field) => changes[field] !== undefined);
  if (kind === 'internet' && given.length > 0) {
    const reason = given.includes('downloadPath')
      ? 'devices outside the enterprise networks use the download path of the provisioning settings'
      : 'it takes every device that belongs to no other site';
    throw new PhonectlError('protected', `The site ${name} keeps its ${given.join(', ')}: ${reason}.`);
  }
  if (kind === 'company' && changes['parent'] !== undefined) {
    throw new PhonectlError('protected', `The site ${name} is the root: it has no parent.`);
  }
}
