/** The flags that commands share. Every flag can be set by `PHONECTL_<NAME>` where `env` says so. */
import { boolean, custom, integer, string } from '@oclif/core/flags';
import { UsageValueError } from './usage-error.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'ndjson', 'csv', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const COLOUR_MODES = ['auto', 'always', 'never'] as const;

/** On every command, through the base class. */
export const globalFlags = {
  json: boolean({ summary: 'Answer in JSON.', helpGroup: 'GLOBAL', exclusive: ['output'] }),
  output: string({
    char: 'o',
    summary: 'Form of the answer.',
    options: OUTPUT_FORMATS,
    helpGroup: 'GLOBAL',
    env: 'PHONECTL_OUTPUT',
  }),
  home: string({
    summary: 'Folder of the fleet.',
    helpValue: 'DIR',
    helpGroup: 'GLOBAL',
    env: 'PHONECTL_HOME',
  }),
  context: string({
    summary: 'Server to work on, by the name of its context; local is the home of this machine.',
    helpValue: 'NAME',
    helpGroup: 'GLOBAL',
    env: 'PHONECTL_CONTEXT',
  }),
  quiet: boolean({ char: 'q', summary: 'No progress and no notes.', helpGroup: 'GLOBAL', env: 'PHONECTL_QUIET' }),
  'no-input': boolean({
    summary: 'Never ask; fail where a question would be needed.',
    helpGroup: 'GLOBAL',
    env: 'PHONECTL_NO_INPUT',
  }),
  color: string({
    summary: 'Colours.',
    options: COLOUR_MODES,
    helpGroup: 'GLOBAL',
    env: 'PHONECTL_COLOR',
    exclusive: ['no-color'],
  }),
  'no-color': boolean({ summary: 'The same as --color never.', helpGroup: 'GLOBAL' }),
};

/** What every command that prints rows or objects understands. */
export const viewFlags = {
  columns: string({ summary: 'Fields to show: a,b (these), +c (also these).', helpValue: 'LIST', helpGroup: 'VIEW' }),
  header: boolean({ summary: 'Print the header line.', allowNo: true, default: true, helpGroup: 'VIEW' }),
  wide: boolean({ char: 'w', summary: 'All fields, not cut to the width of the terminal.', helpGroup: 'VIEW' }),
};

/** On every `list`, beside {@link viewFlags}. */
export const listFlags = {
  ...viewFlags,
  search: string({ summary: 'Only what contains this text.', helpValue: 'TEXT', helpGroup: 'VIEW' }),
  filter: string({
    summary: 'Only rows whose field has this value; != for the others, ~ for "contains". Repeatable.',
    helpValue: 'FIELD=VALUE',
    multiple: true,
    helpGroup: 'VIEW',
  }),
  sort: string({
    summary: 'Sort by these fields; - in front or :desc behind for descending.',
    helpValue: 'FIELDS',
    helpGroup: 'VIEW',
  }),
  limit: integer({
    summary: 'At most this many rows; 0 for all. Default: a screenful on a terminal, all when piped.',
    helpValue: 'N',
    min: 0,
    helpGroup: 'VIEW',
  }),
  page: integer({
    summary: 'The page of --limit rows to show.',
    helpValue: 'N',
    min: 1,
    helpGroup: 'VIEW',
    dependsOn: ['limit'],
  }),
  view: string({ summary: 'A saved view of this list; flags beside it win.', helpValue: 'NAME', helpGroup: 'VIEW' }),
  'save-view': string({
    summary: 'Keep these flags as a view, for --view and `phonectl view use`.',
    helpValue: 'NAME',
    helpGroup: 'VIEW',
  }),
  watch: boolean({ summary: 'Show it again and again.', helpGroup: 'VIEW' }),
  interval: integer({
    summary: 'Seconds between two looks of --watch.',
    helpValue: 'SECONDS',
    min: 1,
    default: 2,
    helpGroup: 'VIEW',
  }),
};

/** On every write. */
export const dryRunFlag = { 'dry-run': boolean({ char: 'n', summary: 'Say what would be done, and do nothing.' }) };
export const yesFlag = { yes: boolean({ char: 'y', summary: 'Answer yes to every question.', env: 'PHONECTL_YES' }) };
export const writeFlags = { ...dryRunFlag, ...yesFlag };

/** `--out FILE`: written beside and renamed, so that a reader never sees half of it; `-` is stdout. */
export const outFlag = {
  out: string({ summary: 'File to write, - for stdout.', helpValue: 'FILE', default: '-' }),
};

/** A flag with a fixed set of values; the error names them and the closest one. */
export function choice<const T extends string>(
  values: readonly T[],
  options: { summary: string; char?: 'c' | 't' | 'f'; helpGroup?: string },
) {
  return custom<T>({ options: values as unknown as T[] & readonly string[] })({ ...options });
}

/** `k=v`, repeatable: returns one object. */
export function keyValues(pairs: readonly string[] | undefined, flag: string): Record<string, string> | undefined {
  if (pairs === undefined) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageValueError(`--${flag} wants key=value, not "${pair}".`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
