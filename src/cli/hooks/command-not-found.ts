/** `phonectl devcie list`: says what might have been meant. Never asks; exit 2 (oclif's plugin prompts). */
import type { Hook } from '@oclif/core/interfaces';
import { PhonectlError } from '../../sdk/errors.ts';
import { didYouMean } from '../suggest.ts';

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const typed = id.replaceAll(':', ' ');
  const words = typed.split(' ');
  const topic = config.findTopic(words[0]!);
  const visible = config.commands.filter((command) => !command.hidden).map((command) => command.id.replaceAll(':', ' '));
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
