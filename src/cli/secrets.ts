/** Secrets on the command line: from a prompt, from stdin, from a file; never from an argument that `ps` shows. */

import { boolean, custom, string } from '@oclif/core/flags';
import type { BooleanFlag, OptionFlag } from '@oclif/core/interfaces';
import { PhonectlError } from '../sdk/errors.ts';
import { askSecret, type PromptContext } from './prompt.ts';
import { readText } from './streams.ts';
import { UsageValueError } from './usage-error.ts';

type SecretFlags<N extends string> = Record<N | `${N}-file`, OptionFlag<string | undefined>> &
  Record<`${N}-stdin`, BooleanFlag<boolean>>;

/**
 * `secretFlags('password', 'SIP password')` gives --password-stdin and --password-file, and a hidden --password that
 * explains why it is refused. Spread it into a command's flags.
 */
export function secretFlags<N extends string>(name: N, what: string): SecretFlags<N> {
  return {
    [`${name}-stdin`]: boolean({ summary: `Read the ${what} from stdin.`, exclusive: [`${name}-file`] }),
    [`${name}-file`]: string({ summary: `Read the ${what} from this file.`, helpValue: 'FILE' }),
    [name]: custom<string>({
      hidden: true,
      parse: async () => {
        throw new UsageValueError(
          `The ${what} is not taken from the command line: every user of this machine could read it there.`,
          [`Use --${name}-stdin, --${name}-file FILE, or the prompt.`],
        );
      },
    })(),
  } as SecretFlags<N>;
}

/**
 * The secret that the flags lead to, without the line break at its end; undefined when none was given and
 * `ask` is not set. With `ask`, a terminal is asked, and elsewhere the error names the flags.
 */
export async function readSecret<N extends string>(
  context: PromptContext,
  flags: { readonly [K in `${N}-file` | `${N}-stdin`]?: string | boolean | undefined },
  name: N,
  ask?: { message: string; repeat?: boolean },
): Promise<string | undefined> {
  const file: string | boolean | undefined = flags[`${name}-file`];
  if (flags[`${name}-stdin`] === true || typeof file === 'string') {
    const text = await readText(typeof file === 'string' ? file : '-', 64 * 1024);
    const secret = text.replace(/\r?\n$/, '');
    if (secret === '') throw new PhonectlError('usage', `The secret for --${name} is empty.`);
    return secret;
  }
  if (ask === undefined) return undefined;
  return await askSecret(context, { ...ask, flag: `--${name}-stdin or --${name}-file` });
}
