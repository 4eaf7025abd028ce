/** What `site add` and `site edit` share. */
import { boolean, string } from '@oclif/core/flags';
import type { SitesWritten } from '../sdk/sites/write.ts';
import { choice } from './flags.ts';
import { cleanText, count } from './text.ts';
import { UsageValueError } from './usage-error.ts';
import { type TextView, textView } from './view.ts';

export const siteFlags = {
  parent: string({ summary: 'Site above this one.', helpValue: 'SITE' }),
  description: string({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
  location: string({ summary: 'Name of the place.', helpValue: 'TEXT' }),
  public: string({
    summary: 'A public subnet. Repeatable; replaces the ones there are. See also `site subnet add`.',
    helpValue: 'CIDR',
    multiple: true,
  }),
  private: string({
    summary: 'A private subnet inside the public one; only with a single --public. Repeatable.',
    helpValue: 'CIDR',
    multiple: true,
    dependsOn: ['public'],
  }),
  provisioning: choice(['certificate', 'credential', 'shared'], {
    summary: 'What phones of this site show to get their files; shared exposes files to whoever knows a MAC.',
  }),
  'auto-add': boolean({ summary: 'Add phones that nobody announced.', allowNo: true }),
  'download-path': string({
    summary: "Where phones of this site fetch firmware; '' clears it.",
    helpValue: 'URL',
  }),
  'time-zone': string({ summary: "Time zone such as Europe/Berlin; '' clears it.", helpValue: 'ZONE' }),
  'office-hours': string({
    summary:
      'When phones should not restart, here and below: "mon-fri 08:00-18:00" (the default), or off. Timers and --at ' +
      "that fall into them are warned of; '' clears it.",
    helpValue: 'HOURS',
  }),
};

export interface SiteFlagValues {
  parent?: string | undefined;
  description?: string | undefined;
  location?: string | undefined;
  public?: string[] | undefined;
  private?: string[] | undefined;
  provisioning?: 'certificate' | 'credential' | 'shared' | undefined;
  'auto-add'?: boolean | undefined;
  'download-path'?: string | undefined;
  'time-zone'?: string | undefined;
  'office-hours'?: string | undefined;
}

/** The operation's input of these flags; what was not given is not in it. */
export function siteInput(flags: SiteFlagValues): {
  parent?: string;
  description?: string;
  location?: string;
  subnets?: { public: string; private: string[] }[];
  provisioning?: 'certificate' | 'credential' | 'shared';
  autoAdd?: boolean;
  downloadPath?: string | null;
  timeZone?: string | null;
  officeHours?: string | null;
} {
  if (flags.private && flags.public?.length !== 1) {
    throw new UsageValueError('--private belongs to one --public.', [
      'Add the other subnets with `phonectl site subnet add`.',
    ]);
  }
  return {
    ...(flags.parent !== undefined && { parent: flags.parent }),
    ...(flags.description !== undefined && { description: flags.description }),
    ...(flags.location !== undefined && { location: flags.location }),
    ...(flags.public && { subnets: flags.public.map((cidr) => ({ public: cidr, private: flags.private ?? [] })) }),
    ...(flags.provisioning && { provisioning: flags.provisioning }),
    ...(flags['auto-add'] !== undefined && { autoAdd: flags['auto-add'] }),
    ...(flags['download-path'] !== undefined && { downloadPath: flags['download-path'] || null }),
    ...(flags['time-zone'] !== undefined && { timeZone: flags['time-zone'] || null }),
    ...(flags['office-hours'] !== undefined && { officeHours: flags['office-hours'] || null }),
  };
}

/** `✔ Site Berlin added.` */
export function sitesWrittenView(done: 'added' | 'changed'): TextView<SitesWritten> {
  return textView((result, style) => [
    ...result.sites.map((site) => `${style.paint('green', style.symbol('ok'))} Site ${cleanText(site.name)} ${done}.`),
    ...(result.devicesMoved > 0 ? [`${count(result.devicesMoved, 'device')} moved to the site of their address.`] : []),
  ]);
}
