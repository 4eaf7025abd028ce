/** What phonectl can do, read from the source: every command class and every operation. For docs, snapshots and tests. */
import { globSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Interfaces } from '@oclif/core';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { PhonectlCommand } from '../src/cli/base.ts';
import { registerPackageRoot } from '../src/sdk/assets.ts';
import { loadOperations } from '../src/sdk/index.ts';
import { type ResultSchemas, resultSchemas } from './result-schemas.ts';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
registerPackageRoot(ROOT);

export type CommandClass = typeof PhonectlCommand & { readonly flags?: Interfaces.FlagInput };

export interface CommandEntry {
  /** `device:list`. */
  readonly id: string;
  readonly file: string;
  readonly command: CommandClass;
  /** Own and inherited flags. */
  readonly flags: Interfaces.FlagInput;
}

/** Every command, sorted by id. */
export async function loadCommands(): Promise<CommandEntry[]> {
  const folder = join(ROOT, 'src/commands');
  const files = globSync('**/*.ts', { cwd: folder }).sort();
  return await Promise.all(
    files.map(async (file) => {
      const command = (await import(pathToFileURL(join(folder, file)).href)).default as CommandClass;
      const id = file.replace(/\.ts$/, '').split(sep).join(':');
      return { id, file: `src/commands/${file}`, command, flags: { ...command.baseFlags, ...command.flags } };
    }),
  );
}

/** The command line's contract: a command, flag, argument or value that goes away breaks somebody's script. */
export async function commandSnapshot(): Promise<Record<string, unknown>> {
  const commands = await loadCommands();
  return Object.fromEntries(
    commands.map(({ id, command, flags }) => [
      id.replaceAll(':', ' '),
      {
        ...(command.aliases.length > 0 && { aliases: command.aliases.map((alias) => alias.replaceAll(':', ' ')) }),
        args: Object.entries(command.args ?? {}).map(([name, arg]) => describeArg(name, arg)),
        flags: Object.entries(flags)
          .filter(([, flag]) => !flag.hidden)
          .map(([name, flag]) => describeFlag(name, flag))
          .sort(),
      },
    ]),
  );
}

function describeArg(
  name: string,
  arg: { required?: boolean; multiple?: boolean; options?: readonly string[] },
): string {
  const options = arg.options ? ` ${arg.options.join('|')}` : '';
  const text = `${name}${arg.multiple ? '...' : ''}${options}`;
  return arg.required ? text : `[${text}]`;
}

function describeFlag(name: string, flag: Interfaces.FlagInput[string]): string {
  const char = flag.char ? ` -${flag.char}` : '';
  const value =
    flag.type === 'boolean' ? '' : ` ${flag.options ? flag.options.join('|') : 'VALUE'}${flag.multiple ? '...' : ''}`;
  return `--${flag.type === 'boolean' && flag.allowNo ? '[no-]' : ''}${name}${char}${value}${flag.required ? ' (required)' : ''}`;
}

/** The SDK's and the API's contract: every operation with its permission, effect and the schema of its input. */
export async function operationSnapshot(): Promise<Record<string, unknown>> {
  const operations = await loadOperations();
  const entries = [...operations].sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(
    entries.map(([name, { kind, permission, effect, input, local }]) => [
      name,
      // Checks and transformations have no JSON Schema; the shape, which is the contract, has.
      {
        kind,
        permission,
        effect,
        ...(local && { local }),
        input: toJsonSchema(input as never, { errorMode: 'ignore', typeMode: 'input' }),
      },
    ]),
  );
}

/** Where the schemas of results are kept; shipped, for the OpenAPI document. */
export const RESULTS_FILE = join(ROOT, 'templates/api/results.json');

/** What the operations of the API answer, from their types. Takes seconds. */
export async function resultSnapshot(): Promise<ResultSchemas> {
  const operations = await loadOperations();
  return resultSchemas(ROOT, (name) => operations.get(name)?.local !== true);
}
