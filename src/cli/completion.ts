/** What can stand at the cursor: commands, flags, their values, and names of the fleet. */
import type { Interfaces } from '@oclif/core';
import { isPhonectlError } from '../sdk/errors.ts';
import type { Phonectl } from '../sdk/index.ts';

type Config = Interfaces.Config;
type CommandFacts = Config['commands'][number];

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

// More than this helps nobody at a prompt, and a fleet has a million names.
const MOST = 100;

/** Which names of the fleet fit a flag or an argument of this name. */
const SOURCES: Readonly<
  Record<string, (phonectl: Phonectl, prefix: string) => AsyncIterable<{ name: string | null }>>
> = {
  site: (phonectl, search) => phonectl.sites.list({ search, limit: MOST }),
  group: (phonectl, search) => phonectl.groups.list({ search, limit: MOST }),
  model: (phonectl) => phonectl.models.list({}),
  device: (phonectl, search) => phonectl.devices.list({ search, limit: MOST }),
  account: (phonectl, search) => phonectl.accounts.list({ search, limit: MOST }),
};

const SAME_AS: Readonly<Record<string, string>> = {
  sites: 'site',
  parent: 'site',
  groups: 'group',
  models: 'model',
  devices: 'device',
  old: 'device',
  accounts: 'account',
};

const FIXED: Readonly<Record<string, readonly string[]>> = {
  vendor: ['poly', 'yealink', 'cisco'],
};

/**
 * Candidates for the last of `words` (which may be empty); `phonectl` opens the fleet, and is only called when names
 * of it are wanted. No candidates means: files, as the shell knows them.
 */
export async function complete(
  config: Config,
  words: readonly string[],
  phonectl: () => Phonectl,
): Promise<Candidate[]> {
  const prefix = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = longestCommand(config, before);
  if (!command) return starting(nextWords(config, before), prefix);
  const given = before.slice(command.id.split(':').length);
  const flag = flagWanting(command, given.at(-1));
  if (flag) return starting(await valuesOf(flag.name, flag.options, prefix, phonectl), prefix);
  const assigned = /^(--[\w-]+)=(.*)$/s.exec(prefix);
  if (assigned) {
    const named = flagWanting(command, assigned[1]);
    if (!named) return [];
    const values = starting(await valuesOf(named.name, named.options, assigned[2]!, phonectl), assigned[2]!);
    return values.map(({ value, description }) => ({ value: `${assigned[1]}=${value}`, description }));
  }
  if (prefix.startsWith('-')) return starting(flagsOf(command, given), prefix);
  const deeper = nextWords(config, before);
  const argument = argumentAt(command, given);
  const names = argument ? await valuesOf(argument.name, argument.options, prefix, phonectl) : [];
  return starting([...deeper, ...names], prefix);
}

function longestCommand(config: Config, words: readonly string[]): CommandFacts | undefined {
  for (let length = words.length; length > 0; length -= 1) {
    const command = config.findCommand(words.slice(0, length).join(':'));
    if (command) return command;
  }
  return undefined;
}

/** Topics and commands that go on from these words. */
function nextWords(config: Config, words: readonly string[]): Candidate[] {
  const start = words.length === 0 ? '' : `${words.join(':')}:`;
  const found = new Map<string, string>();
  for (const command of config.commands) {
    if (command.hidden || !command.id.startsWith(start)) continue;
    const [next, ...rest] = command.id.slice(start.length).split(':');
    if (!next) continue;
    if (rest.length === 0) found.set(next, command.summary ?? '');
    else if (!found.has(next)) found.set(next, config.findTopic(start + next)?.description ?? '');
  }
  return [...found].map(([value, description]) => ({ value, description }));
}

function flagsOf(command: CommandFacts, given: readonly string[]): Candidate[] {
  return Object.entries(command.flags)
    .filter(([name, flag]) => !flag.hidden && (isMultiple(flag) || !given.includes(`--${name}`)))
    .map(([name, flag]) => ({ value: `--${name}`, description: flag.summary ?? flag.description ?? '' }));
}

function isMultiple(flag: CommandFacts['flags'][string]): boolean {
  return flag.type === 'option' && flag.multiple === true;
}

/** The flag that the word is, when it is one that wants a value. */
function flagWanting(
  command: CommandFacts,
  word: string | undefined,
): { name: string; options: readonly string[] | undefined } | undefined {
  if (word === undefined || !word.startsWith('-')) return undefined;
  for (const [name, flag] of Object.entries(command.flags)) {
    if (flag.type !== 'option') continue;
    if (word === `--${name}` || (flag.char && word === `-${flag.char}`)) return { name, options: flag.options };
  }
  return undefined;
}

/** The argument at the cursor: the last one when it takes many. */
function argumentAt(
  command: CommandFacts,
  given: readonly string[],
): { name: string; options: readonly string[] | undefined } | undefined {
  const positions = given.filter((word, index) => !word.startsWith('-') && !flagWanting(command, given[index - 1]));
  const args = Object.entries(command.args);
  const [name, arg] = args[positions.length] ?? args.findLast(([, { multiple }]) => multiple) ?? [];
  return name === undefined ? undefined : { name, options: arg?.options };
}

async function valuesOf(
  name: string,
  options: readonly string[] | undefined,
  prefix: string,
  phonectl: () => Phonectl,
): Promise<Candidate[]> {
  const fixed = options ?? FIXED[name];
  if (fixed) return fixed.map((value) => ({ value, description: '' }));
  const source = SOURCES[SAME_AS[name] ?? name];
  if (!source) return [];
  const found: Candidate[] = [];
  try {
    for await (const row of source(phonectl(), prefix)) {
      if (row.name !== null) found.push({ value: row.name, description: '' });
    }
  } catch (error) {
    // Somebody is typing: a missing or locked home means that there is nothing to offer, and is no news at this moment.
    if (!isPhonectlError(error)) throw error;
  }
  return found;
}

function starting(candidates: readonly Candidate[], prefix: string): Candidate[] {
  const wanted = prefix.toLowerCase();
  return candidates.filter(({ value }) => value.toLowerCase().startsWith(wanted));
}
