/** `phonectl devcie list`: says what might have been meant. Never asks; exit 2 (oclif's plugin prompts). */
import type { Hook } from '@oclif/core/interfaces';
import { PhonectlError } from '../../sdk/errors.ts';
import { findCommand } from '../find.ts';
import { didYouMean } from '../suggest.ts';

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const typed = id.replaceAll(':', ' ');
  const words = typed.split(' ');
  const known = findCommand(words, config);
  // oclif takes every word for a part of the command when the command has no arguments.
  if (known) {
    const extra = words.slice(known.command.split(' ').length).join(' ');
    throw new PhonectlError('usage', `phonectl ${known.command} takes no argument "${extra}".`, {
      hints: [`See: phonectl ${known.command} --help`],
      details: { unexpected: extra },
    });
  }
  const topic = config.findTopic(words[0]!);
  const visible = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const meant =
    didYouMean(typed, visible) ??
    didYouMean(
      words[0]!,
      config.topics.filter(({ name }) => !name.includes(':')).map(({ name }) => name),
    );
  throw new PhonectlError('usage', `There is no command "${typed}".`, {
    hints: [...(meant ? [meant] : []), topic ? `See: phonectl ${topic.name} --help` : 'See: phonectl help'],
    details: { command: typed },
  });
};

export default hook;
