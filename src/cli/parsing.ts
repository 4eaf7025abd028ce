/**
 * Declarations of flags and arguments as oclif must get them, whatever a command wrote. Each line closes one trap of
 * @oclif/core 5.1.9 (design.md section 9).
 */
import type { ArgInput, FlagInput } from '@oclif/core/interfaces';
import { isPhonectlError } from '../sdk/errors.ts';
import { didYouMean } from './suggest.ts';
import { UsageValueError } from './usage-error.ts';

/** A `multiple` flag takes one value each time, else it swallows the arguments behind it. Values are checked by us. */
export function hardenFlags(flags: FlagInput): FlagInput {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      if (flag.type === 'boolean') return [name, { ...flag }];
      const { options, parse, ...rest } = flag;
      const checked: typeof parse = async (input, context, self) => {
        if (options) checkOption(`--${name}`, input, options);
        return await parse(input, context, self);
      };
      return [name, { ...rest, parse: checked, ...(flag.multiple && { multipleNonGreedy: true }) }];
    }),
  );
}

/** A missing argument is missing; without `ignoreStdin` oclif reads all of stdin for it, and `while read` loops end early. */
export function hardenArgs(args: ArgInput | undefined): ArgInput {
  return Object.fromEntries(
    Object.entries(args ?? {}).map(([name, arg]) => {
      const { options, parse, ...rest } = arg;
      const checked: typeof parse = async (input, context, self) => {
        if (options) checkOption(name.toUpperCase(), input, options);
        try {
          return await parse(input, context, self);
        } catch (error) {
          throw error instanceof UsageValueError || isPhonectlError(error) ? error : refused(name, error);
        }
      };
      return [name, { ...rest, parse: checked, ignoreStdin: true }];
    }),
  );
}

/** oclif's own parsers throw bare errors; of flags it makes usage errors of them by itself, of arguments not. */
function refused(name: string, error: unknown): UsageValueError {
  return new UsageValueError(`${name.toUpperCase()}: ${error instanceof Error ? error.message : String(error)}.`);
}

function checkOption(what: string, input: string, options: readonly unknown[]): void {
  const values = options.map(String);
  if (values.includes(input)) return;
  const meant = didYouMean(input, values);
  throw new UsageValueError(`${what} cannot be "${input}".`, [
    ...(meant ? [meant] : []),
    `Possible: ${values.join(', ')}`,
  ]);
}
