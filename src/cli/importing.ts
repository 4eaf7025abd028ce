/** What all imports share on the command line: flags, the file, progress, rejected rows and log, the view, exit codes. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { boolean, string } from '@oclif/core/flags';
import type { ImportReport, RowError } from '../sdk/csv/report.ts';
import { EXIT } from '../sdk/errors.ts';
import type { ImportEvent } from '../sdk/imports/events.ts';
import { choice, dryRunFlag, yesFlag } from './flags.ts';
import type { Progress } from './progress.ts';
import { openInput } from './streams.ts';
import type { Style } from './style.ts';
import { cleanText, count } from './text.ts';
import { type TextView, textView } from './view.ts';

export const separatorFlag = {
  separator: choice(['comma', 'semicolon', 'tab'], { summary: 'Separator of the columns.' }),
};

export const importFlags = {
  ...dryRunFlag,
  ...yesFlag,
  ...separatorFlag,
  encoding: string({ summary: 'Encoding of the file, such as latin1; found by itself.', helpValue: 'NAME' }),
  partial: boolean({ summary: 'Apply the good rows although others are rejected.' }),
  'errors-out': string({ summary: 'Write the rejected rows with their reasons to this file.', helpValue: 'FILE' }),
  log: string({ summary: 'Write what became of every row to this file.', helpValue: 'FILE' }),
};

export interface ImportFlagValues {
  'dry-run'?: boolean | undefined;
  separator?: 'comma' | 'semicolon' | 'tab' | undefined;
  encoding?: string | undefined;
  partial?: boolean | undefined;
  'errors-out'?: string | undefined;
  log?: string | undefined;
}

/** One import: its file, what is told while it runs, and what is written beside it. */
export class ImportSession {
  readonly #progress: Progress;
  readonly #errorsOut: SideFile | undefined;
  readonly #log: SideFile | undefined;

  /** Input of the operation. */
  readonly input: {
    readonly source: AsyncIterable<Uint8Array>;
    readonly name: string;
    readonly separator: ImportFlagValues['separator'];
    readonly encoding: string | undefined;
    readonly partial: boolean | undefined;
    readonly dryRun: boolean | undefined;
    readonly details: boolean;
  };

  private constructor(
    file: { readonly stream: AsyncIterable<Uint8Array>; readonly name: string },
    flags: ImportFlagValues,
    progress: Progress,
  ) {
    this.#progress = progress;
    this.#errorsOut = flags['errors-out'] === undefined ? undefined : new SideFile(flags['errors-out']);
    this.#log = flags.log === undefined ? undefined : new SideFile(flags.log);
    this.#log?.row(['line', 'name', 'outcome', 'column', 'reason', 'remedy']);
    this.input = {
      source: file.stream,
      name: file.name,
      separator: flags.separator,
      encoding: flags.encoding,
      partial: flags.partial,
      dryRun: flags['dry-run'],
      details: this.#log !== undefined,
    };
  }

  static async open(file: string, flags: ImportFlagValues, progress: Progress): Promise<ImportSession> {
    return new ImportSession(await openInput(file), flags, progress);
  }

  /** For the call's `onProgress`. */
  readonly hear = (event: unknown): void => {
    const told = event as ImportEvent;
    if (told.kind === 'header') this.#errorsOut?.row([...told.columns, 'import_error']);
    else if (told.kind === 'rows') this.#progress.update(`${told.phase} ${count(told.rows, 'row')}`);
    else this.#hearRow(told);
  };

  #hearRow(told: Extract<ImportEvent, { kind: 'row' }>): void {
    if (told.cells !== undefined) {
      this.#errorsOut?.row([...told.cells, (told.errors ?? []).map(sentence).join(' ')]);
    }
    const errors: readonly Partial<RowError>[] = told.errors ?? [{}];
    for (const { column = '', reason = '', remedy = '' } of errors) {
      this.#log?.row([String(told.line), told.name, told.outcome, column, reason, remedy]);
    }
  }

  /** Puts the files beside in their places; without a report (the import failed) throws them away. */
  finish(report: ImportReport | undefined): void {
    this.#progress.stop();
    if (report === undefined) {
      this.#errorsOut?.discard();
      this.#log?.discard();
    } else {
      if (report.summary.rejected > 0) this.#errorsOut?.keep();
      else this.#errorsOut?.discard();
      this.#log?.keep();
    }
  }
}

function sentence({ column, reason, remedy }: RowError): string {
  return `${column === '' ? '' : `${column}: `}${reason} ${remedy}`.trim();
}

/** A CSV file that is written row by row and appears under its name only when it is whole. */
class SideFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.tmp`;
    this.#file = openSync(this.#temporary, 'w', 0o600);
  }

  row(cells: readonly string[]): void {
    writeSync(this.#file, `${cells.map(quoted).join(',')}\r\n`);
  }

  keep(): void {
    closeSync(this.#file);
    renameSync(this.#temporary, this.#path);
  }

  discard(): void {
    closeSync(this.#file);
    rmSync(this.#temporary);
  }
}

// The apostrophe keeps a spreadsheet from running a cell; imports take it off again (security.md I-03).
const FORMULA = /^'*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

function quoted(cell: string): string {
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^[\s#]|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** 0; 3 when good rows were applied beside rejected ones; 12 when rejected rows kept everything from being applied. */
export function importExit(report: ImportReport, partial = false): number {
  if (report.summary.rejected === 0) return EXIT.ok;
  return partial ? EXIT.failed : EXIT.invalidData;
}

/** Errors that are shown; all of them are in the JSON and in --errors-out. */
const SHOWN = 20;

export function importView(noun: string): TextView<ImportReport> {
  return textView((report, style) => reportLines(report, noun, style));
}

function reportLines(report: ImportReport, noun: string, style: Style): string[] {
  const { summary, errors, warnings } = report;
  const lines = errors
    .slice(0, SHOWN)
    .map(
      (error) =>
        `${style.paint('red', style.symbol('fail'))} line ${error.line}${error.column && ` ${cleanText(error.column)}`}` +
        `${error.value && ` "${cleanText(error.value)}"`}: ${cleanText(error.reason)} ${cleanText(error.remedy)}`,
    );
  if (errors.length > SHOWN)
    lines.push(`… and ${count(errors.length - SHOWN, 'more error', 'more errors')}; see --errors-out FILE.`);
  for (const warning of warnings.slice(0, SHOWN))
    lines.push(`${style.paint('yellow', style.symbol('warn'))} ${cleanText(warning)}`);
  const { rows, created, updated, unchanged, skipped, rejected } = summary;
  if (rows === 0) return [...lines, `No ${noun} in the file: it has columns but no rows.`];
  const parts = Object.entries({ created, updated, unchanged, skipped, rejected })
    .filter(([name, number]) => number > 0 || name === 'created')
    .map(([name, number]) => `${number.toLocaleString('en-US')} ${name}`);
  lines.push(`${count(rows, 'row')} of ${noun}: ${parts.join(', ')}.`);
  if (rejected > 0 && !report.applied)
    lines.push('Nothing was applied. Correct the rows, or apply the good ones with --partial.');
  return lines;
}
