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
        return await parsed(`--${name}`, input, parse(input, context, self));
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
        return await parsed(name.toUpperCase(), input, parse(input, context, self));
      };
      return [name, { ...rest, parse: checked, ignoreStdin: true }];
    }),
  );
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

/** oclif's own parsers throw bare errors, which of arguments would look like a defect: told in our words. */
async function parsed<T>(what: string, input: string, value: Promise<T>): Promise<T> {
  const result = await value.catch((error: Error) => {
    throw error instanceof UsageValueError || isPhonectlError(error) ? error : refused(what, input, error.message);
  });
  if (typeof result === 'number' && Number.isInteger(result) && !Number.isSafeInteger(result))
    throw new UsageValueError(`${what} cannot be as large as ${input}.`);
  return result;
}

function refused(what: string, input: string, reason: string): UsageValueError {
  const [, bounds] = /^Expected an integer(.*) but received: /.exec(reason) ?? [];
  if (bounds === undefined) return new UsageValueError(`${what}: ${reason}.`);
  const range = bounds
    .replace('greater than or equal to', 'of at least')
    .replace('less than or equal to', 'of at most');
  return new UsageValueError(`${what} wants a whole number${range}, not "${input}".`);
}
