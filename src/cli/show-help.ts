/** The help of a command or a topic, or an error that says what might have been meant. */
import type { Config } from '@oclif/core/config';
import PhonectlHelp from './help.ts';
import { unknownCommand } from './hooks/command-not-found.ts';

export async function showHelp(config: Config, words: readonly string[]): Promise<void> {
  const id = words.join(':');
  if (id !== '' && !config.findCommand(id) && !config.findTopic(id)) throw unknownCommand(id, config);
  await new PhonectlHelp(config, config.pjson.oclif.helpOptions).showHelp([...words]);
}
