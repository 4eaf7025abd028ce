/** What roles are made of, on the command line. */
import { boolean, string } from '@oclif/core/flags';

export const siteChoiceFlags = {
  site: string({ summary: 'Site that it holds for. Repeatable.', helpValue: 'SITE', multiple: true }),
  'all-sites': boolean({ summary: 'It holds for every site.', exclusive: ['site'] }),
};

/** The sites that were chosen; `undefined` when nothing was said. */
export function chosenSites(flags: {
  site?: string[] | undefined;
  'all-sites': boolean;
}): 'all' | string[] | undefined {
  return flags['all-sites'] ? 'all' : flags.site;
}

/** `--grant a:b,c:d --grant e:f` as one list. */
export function permissionList(texts: readonly string[] | undefined): string[] | undefined {
  return texts?.flatMap((text) => text.split(',')).flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
}
