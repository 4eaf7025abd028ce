/** `phonectl devcie list`: says what might have been meant. Never asks; exit 2 (oclif's plugin prompts). */
import type { Config, Hook } from '@oclif/core/interfaces';
import { PhonectlError } from '../../sdk/errors.ts';
import { findCommand } from '../find.ts';
import { didYouMean } from '../suggest.ts';

/** What other programs call our verbs. */
const VERBS: Readonly<Record<string, string>> = {
  create: 'add',
  new: 'add',
  del: 'delete',
  remove: 'delete',
  rm: 'delete',
  modify: 'edit',
  set: 'edit',
  update: 'edit',
  restart: 'reboot',
  hangup: 'end',
  get: 'show',
  info: 'show',
};

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  throw unknownCommand(id, config);
};

/** The error for words that are no command; `id` as oclif has it, with colons. */
export function unknownCommand(id: string, config: Config): PhonectlError {
  const words = id.split(':');
  const known = findCommand(words, config);
  // oclif takes every word for a part of the command when the command has no arguments.
  if (known) {
    const extra = words.slice(known.command.split(' ').length).join(' ');
    return new PhonectlError('usage', `phonectl ${known.command} takes no argument "${extra}".`, {
      hints: [`See: phonectl ${known.command} --help`],
      details: { unexpected: extra },
    });
  }
  const visible = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const topics = config.topics.map(({ name }) => name.replaceAll(':', ' '));
  // What stands behind the first unknown word are arguments.
  let depth = 0;
  while (topics.includes(words.slice(0, depth + 1).join(' '))) depth += 1;
  const topic = words.slice(0, depth).join(' ');
  const typed = (depth === 0 ? words : words.slice(0, depth + 1)).join(' ');
  const meant =
    sameVerb(topic, words[depth], visible) ??
    didYouMean(typed, visible) ??
    (depth === 0 ? withoutTopic(words[0]!, visible) : undefined) ??
    (depth === 0 ? didYouMean(words[0]!, topics) : undefined);
  return new PhonectlError('usage', `There is no command "${typed}".`, {
    hints: [...(meant ? [meant] : []), topic ? `See: phonectl ${topic} --help` : 'See: phonectl help'],
    details: { command: typed },
  });
}

/** `phonectl reboot lobby`: the verb is right, its topic is missing. */
function withoutTopic(verb: string, visible: readonly string[]): string | undefined {
  const found = visible.filter((command) => command.split(' ')[1] === verb).map((command) => `"${command}"`);
  return found.length === 0 || found.length > 4 ? undefined : `Did you mean ${found.join(' or ')}?`;
}

function sameVerb(topic: string, word: string | undefined, visible: readonly string[]): string | undefined {
  const command = `${topic} ${VERBS[word ?? '']}`;
  return visible.includes(command) ? `Did you mean "${command}"?` : undefined;
}

export default hook;
