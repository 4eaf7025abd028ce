/** What the commands on profiles share: changes, targets, and parameters on the command line. */
import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import type { GivenTarget } from '../sdk/profiles/targets.ts';
import type { GivenParameter } from '../sdk/profiles/validate.ts';
import { writeFlags } from './flags.ts';
import { askSecret, type PromptContext } from './prompt.ts';
import { pushFlags } from './pushing.ts';
import { UsageValueError } from './usage-error.ts';

export const profileArg = { profile: stringArg({ required: true, description: 'Name or id of the profile.' }) };

const reasonFlag = { reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }) };
const change = {
  summary: 'Put it into this change, to be applied later together with others.',
  helpValue: 'NAME',
  env: 'PHONECTL_CHANGE',
};

/** On every write to the stack that no phone has yet. */
export const newProfileFlags = { ...writeFlags, ...reasonFlag, change: string(change) };

/** On every write to the stack that may reach phones. */
export const changeFlags = { ...pushFlags, ...reasonFlag, change: string({ ...change, exclusive: ['push'] }) };

interface ChangeFlagValues {
  'dry-run'?: boolean | undefined;
  reason?: string | undefined;
  change?: string | undefined;
}

/** The operation's input of {@link changeFlags} and {@link newProfileFlags}. */
export function changeInput(flags: ChangeFlagValues): {
  dryRun: boolean | undefined;
  reason: string | undefined;
  change: string | undefined;
} {
  return { dryRun: flags['dry-run'], reason: flags.reason, change: flags.change };
}

const others = (name: string): string[] =>
  ['global', 'group', 'model', 'site', 'device'].filter((other) => other !== name);

/** Where a profile is bound: exactly one of these. */
export const targetFlags = {
  global: boolean({ summary: 'All phones of the vendor.', helpGroup: 'TARGET', exclusive: others('global') }),
  group: target('group', 'The phones of this group.'),
  model: target('model', 'The phones of this model.'),
  site: target('site', 'The phones of this site and the sites below it.'),
  device: target('device', 'This phone: MAC, serial number, name, extension, address or id.'),
};

function target(name: string, summary: string) {
  return string({ summary, helpValue: name.toUpperCase(), helpGroup: 'TARGET', exclusive: others(name) });
}

/** The operation's target of {@link targetFlags}. */
export function toTarget({ global, group, model, site, device }: GivenTarget): GivenTarget {
  return {
    ...(global && { global }),
    ...(group !== undefined && { group }),
    ...(model !== undefined && { model }),
    ...(site !== undefined && { site }),
    ...(device !== undefined && { device }),
  };
}

/** Longest value from a file: as much as any phone's file carries. */
const LONGEST = 65_536;

/**
 * `NAME=VALUE` pairs. The value may be `@file:FILE`, `@stdin` or `@ask`, the only ways for secrets: a command line is
 * there for everybody on the machine to read. Line breaks at the end of a file are left out.
 */
export async function readParameters(
  context: PromptContext,
  pairs: readonly string[] | undefined,
): Promise<GivenParameter[]> {
  if ((pairs ?? []).filter((pair) => pair.endsWith('=@stdin')).length > 1) {
    throw new UsageValueError('Only one value can be read from stdin.');
  }
  const given: GivenParameter[] = [];
  for (const pair of pairs ?? []) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageValueError(`A parameter is given as NAME=VALUE, not "${pair}".`);
    const name = pair.slice(0, at).trim();
    given.push({ name, ...(await readValue(context, name, pair.slice(at + 1))) });
  }
  return given;
}

async function readValue(
  context: PromptContext,
  name: string,
  text: string,
): Promise<{ value: string; exposed?: boolean }> {
  if (text === '@ask') return { value: await askSecret(context, { message: `${name}:`, flag: `${name}=@file:FILE` }) };
  if (text !== '@stdin' && !text.startsWith('@file:')) return { value: text, exposed: true };
  const { readText } = await import('./streams.ts');
  const path = text === '@stdin' ? '-' : text.slice('@file:'.length);
  return { value: (await readText(path, LONGEST)).replace(/(?:\r?\n)+$/, '') };
}
