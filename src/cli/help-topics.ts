/** The pages of `phonectl help <topic>`. Tables of codes come from the tables that the program itself uses. */
import { ERROR_CODES, EXIT } from '../sdk/errors.ts';

export interface HelpTopic {
  readonly summary: string;
  readonly text: () => string;
}

/** Every environment variable that phonectl reads. A test holds this against the source. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PHONECTL_HOME: 'Folder of the fleet (--home). Default: phonectl in XDG_DATA_HOME.',
  PHONECTL_KEY_FILE: 'File with the key that seals secrets. Default: in the configuration folder of the user.',
  PHONECTL_CONTEXT: 'Context to use (--context): the server that commands talk to.',
  PHONECTL_SERVER: 'Address of a phonectl server to talk to, instead of a context.',
  PHONECTL_CA: 'File with the authority that signed the certificate of that server.',
  PHONECTL_KEY_ID: 'Id of the access key for that server.',
  PHONECTL_KEY_SECRET: 'Secret of that access key.',
  PHONECTL_OUTPUT: 'Default of --output.',
  PHONECTL_COLOR: 'Default of --color: auto, always, never.',
  NO_COLOR: 'Any value: no colours (https://no-color.org).',
  TERM: 'dumb: no colours.',
  PHONECTL_PLAIN: '1: plain ASCII, no colours, no spinner; for screen readers and old consoles.',
  PHONECTL_QUIET: '1: as --quiet on every command.',
  PHONECTL_NO_INPUT: '1: as --no-input on every command.',
  PHONECTL_YES: '1: as --yes on every command. For scripts that know what they do.',
  CI: 'Any value: never ask, as --no-input.',
  PHONECTL_CHANGE: 'Default of --change: edits of the configuration are collected in this change.',
  PHONECTL_DEBUG: '1: show where an error came from.',
  PHONECTL_PACKAGE_ROOT: 'Folder of the package, where a program that embeds phonectl must say it.',
};

const EXIT_TEXTS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'Done. Also: there was nothing to do; no device was concerned.',
  unexpected: 'Something in phonectl broke.',
  usage: 'The command line is not understood, or a confirmation could not be asked for.',
  failed: 'Some or all targets failed, or some rows were rejected with --partial.',
  permission: 'The caller may not do this.',
  notFound: 'Not found, or the reference fits more than one object.',
  conflict: 'The state of the fleet does not allow it.',
  unfinished: 'Started, not finished; the output names the command that goes on.',
  unreachable: 'A device or server could not be reached.',
  locked: 'Another process holds the store.',
  invalidData: 'The input data are not valid; nothing was changed.',
  differences: 'There are differences (only where asked for).',
};

function table(rows: Iterable<readonly [string, string]>): string {
  const all = [...rows];
  const width = Math.max(...all.map(([left]) => left.length)) + 2;
  return all.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
}

/** `phonectl help exit-codes`, also for the docs. */
export function exitRows(): [string, string][] {
  const rows = Object.entries(EXIT).map(([name, status]): [string, string] => [
    String(status),
    EXIT_TEXTS[name as keyof typeof EXIT],
  ]);
  return [...rows, ['130', 'Ended by Ctrl-C.'], ['143', 'Ended by SIGTERM.']];
}

export const HELP_TOPICS: Readonly<Record<string, HelpTopic>> = {
  environment: {
    summary: 'Environment variables.',
    text: () =>
      `Flags win over variables, variables over preferences (phonectl preference list).\n\n${table(Object.entries(ENVIRONMENT))}`,
  },
  'exit-codes': {
    summary: 'What the exit status means.',
    text: () => `${table(exitRows())}\n\nTreat an unknown status as a failure.`,
  },
  output: {
    summary: 'Tables, JSON, CSV, columns, sorting, filters.',
    text: () => OUTPUT,
  },
  selectors: {
    summary: 'How to say which devices are meant.',
    text: () => SELECTORS,
  },
  errors: {
    summary: 'Every error code.',
    text: () =>
      `With --json an error is one line on stderr and stdout stays empty:\n` +
      `  {"error":{"code","message","exitCode","hints","details"}}\n\n` +
      `Codes are stable; messages are not.\n\n` +
      table(
        Object.entries(ERROR_CODES).map(([code, { exit, title }]) => [code, `${String(exit).padStart(3)}  ${title}`]),
      ),
  },
};

const OUTPUT = `stdout is the answer, stderr the conversation: progress, warnings, hints, errors.

On a terminal a list is a table of at most a screenful. When piped it is tab-separated, complete,
not cut, without a header and with ISO times:
  phonectl device list | cut -f1

  --json             list: an array; show: an object; actions: {summary, results[]}
  -o, --output FORM  table, json, ndjson, csv, yaml, name (one reference a line)
  --columns a,b      these fields;  --columns +c  the usual ones and this one
  -w, --wide         every field, not cut to the width
  --no-header        no header line
  --sort a,-b        by a, then by b descending (also b:desc)
  --filter a=x       a is x; a!=x: is not; a~x: contains. Repeatable: all must hold
  --search TEXT      TEXT anywhere, without regard to case
  --limit N --page N this many rows; --limit 0 for all
  --watch            again and again, every --interval seconds

An unknown field in --columns, --sort or --filter lists the known ones.
Colours: --color auto|always|never, NO_COLOR, TERM=dumb. A state is always a word too.`;

const SELECTORS = `A device is named by its MAC address in any spelling, serial number, name, extension, IP address or id.
A name that fits several devices is an error that lists them. - reads references from stdin, one a line:
  phonectl device list --site Berlin -o name | phonectl device reboot -

Every command on devices takes several, and these flags. Values of one flag are alternatives; different
flags must all hold:
  --site NAME  --group NAME  --model NAME  --vendor NAME  --status STATUS  --tag KEY=VALUE   (repeatable)
  --firmware '<6.4'   also 6.4.8, '>=96.86.0.20'
  --search TEXT       TEXT anywhere in the device
  --all               every device`;
