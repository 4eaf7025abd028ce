/** Which command an argument list means, by oclif's configuration. */
import type { Config } from '@oclif/core/interfaces';
import type { ParseContext } from './errors.ts';

/** The longest prefix of the words that is a command. */
export function findCommand(argv: readonly string[], config: Config): ParseContext | undefined {
  const words: string[] = [];
  for (const argument of argv) {
    if (argument.startsWith('-')) break;
    words.push(argument);
  }
  for (let length = words.length; length > 0; length -= 1) {
    const command = config.findCommand(words.slice(0, length).join(':'));
    if (command) return { command: words.slice(0, length).join(' '), flags: Object.keys(command.flags) };
  }
  return undefined;
}
