/** Whatever was thrown → one of our errors → text or one JSON line on stderr, and the exit status. */
import { isPhonectlError, PhonectlError } from '../sdk/errors.ts';
import type { Style } from './style.ts';
import { didYouMean } from './suggest.ts';
import { cleanText } from './text.ts';
import { UsageValueError } from './usage-error.ts';

/** What the parser knew when it failed, for the suggestions. */
export interface ParseContext {
  /** `device list`, as typed by people. */
  readonly command: string;
  readonly flags: readonly string[];
}

/** Fields by which oclif's errors are recognised: by shape, since the bundle and the source hold different copies. */
interface ParserError extends Error {
  oclif?: { exit?: number };
  flags?: string[];
  args?: unknown[];
}

/** Makes one of our errors of anything. A stranger becomes `unexpected`, with itself as the cause. */
export function toPhonectlError(error: unknown, context?: ParseContext): PhonectlError {
  if (isPhonectlError(error)) return error;
  if (error instanceof UsageValueError) return new PhonectlError('usage', error.reason, { hints: error.hints });
  if (error instanceof Error && isParserError(error)) return usageError(error, context);
  const message = error instanceof Error ? error.message || error.name : String(error);
  return new PhonectlError('unexpected', message, { cause: error });
}

function isParserError(error: Error): error is ParserError {
  return 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null && 'exit' in error.oclif;
}

function usageError(error: ParserError, context: ParseContext | undefined): PhonectlError {
  const help = `See: phonectl ${context ? `${context.command} ` : ''}--help`;
  if (Array.isArray(error.flags) && error.flags.every((flag) => typeof flag === 'string')) {
    const known = (context?.flags ?? []).map((name) => `--${name}`);
    // Without the value that may be behind it: somebody may have mistyped --password-file=… or the like.
    const flags = error.flags.map((flag) => flag.replace(/=.*$/s, ''));
    const meant = flags.map((flag) => didYouMean(flag, known)).filter((hint) => hint !== undefined);
    return new PhonectlError('usage', `Unknown ${flags.length === 1 ? 'flag' : 'flags'} ${flags.join(', ')}.`, {
      hints: [...meant, help],
      details: { flags },
    });
  }
  if (Array.isArray(error.args)) {
    const missing = error.args.filter(isNamed).map(({ name }) => name.toUpperCase());
    if (missing.length > 0) {
      return new PhonectlError('usage', `Missing ${missing.join(', ')}.`, { hints: [help], details: { missing } });
    }
    const extra = error.args.map(String);
    return new PhonectlError(
      'usage',
      `Unexpected ${extra.length === 1 ? 'argument' : 'arguments'}: ${extra.join(' ')}`,
      {
        hints: [help],
        details: { unexpected: extra },
      },
    );
  }
  const missing = [...error.message.matchAll(/Missing required flag (\S+)/g)].map(([, name]) => `--${name}`);
  if (missing.length > 0) {
    return new PhonectlError('usage', `Missing ${missing.join(', ')}.`, { hints: [help], details: { missing } });
  }
  return new PhonectlError('usage', tidy(error.message), { hints: [help] });
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

/** oclif's wording without its line breaks and its own pointer to the help, which ours replaces. */
function tidy(message: string): string {
  const text = message
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The error as the lines that stderr shows. */
export function errorText(error: PhonectlError, style: Style, debug: boolean): string[] {
  const lines = [`${style.paint('red', 'Error:')} ${cleanLines(messageOf(error))}`];
  if (error.code === 'unexpected') {
    lines.push('  This is a defect in phonectl, not in what you did. Please report it.');
    if (!debug) lines.push('  PHONECTL_DEBUG=1 shows where it happened.');
  }
  for (const hint of error.hints) lines.push(`  ${style.symbol('arrow')} ${cleanLines(hint)}`);
  if (error.code !== 'unexpected' && error.code !== 'usage')
    lines.push(`  ${style.paint('dim', `(${error.code}: phonectl help errors)`)}`);
  if (debug) lines.push(...stackOf(error));
  return lines;
}

/** In which operation and where in its list a value stood says nothing to who typed it. */
function messageOf({ code, message, details }: PhonectlError): string {
  const { problems } = details;
  // Some name theirs as objects, and say them in the message.
  if (code !== 'invalid_input' || !Array.isArray(problems)) return message;
  if (!problems.every((problem) => typeof problem === 'string')) return message;
  return `${problems.map((problem) => problem.replace(/^\w+\.\d+\./, '')).join('; ')}.`;
}

/** The error as one line of JSON. */
export function errorJson(error: PhonectlError): string {
  return JSON.stringify({ error: error.toJSON() });
}

function stackOf(error: PhonectlError): string[] {
  const lines = (error.stack ?? '').split('\n').slice(1);
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    lines.push('caused by', cause.stack ?? cause.message);
  return lines;
}

/** Cleans what may come from a phone or a file, but keeps our own line breaks. */
function cleanLines(text: string): string {
  return text.split('\n').map(cleanText).join('\n    ');
}

/** Whether the answer was to be JSON, from the bare arguments: an error may come before they are parsed. */
export function wantsJson(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): boolean {
  const end = argv.indexOf('--');
  const given = end === -1 ? argv : argv.slice(0, end);
  for (const [index, argument] of given.entries()) {
    if (argument === '--json') return true;
    if (argument === '--output' || argument === '-o') return isJson(given[index + 1]);
    const match = /^(?:--output=|-o=?)(.+)$/.exec(argument);
    if (match) return isJson(match[1]);
  }
  return isJson(env['PHONECTL_OUTPUT']);
}

function isJson(format: string | undefined): boolean {
  return format === 'json' || format === 'ndjson';
}
