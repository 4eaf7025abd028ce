/** What is wrong with the files of a fleet folder: all of it, each with its place. */
import type { ImportReport } from '../csv/report.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';

export interface FolderProblem {
  /** Name in the folder, such as `profiles/base.yaml`. */
  readonly file: string;
  /** The first line is 1. */
  readonly line: number;
  /** Column of the text in YAML, name of the column in a table; empty for a whole row. */
  readonly column: number | string;
  /** A sentence: what is wrong. */
  readonly reason: string;
  /** A sentence or command: what to do; may be empty. */
  readonly remedy: string;
}

/** Problems that are listed; more would fill memory and no screen. */
const LISTED = 1000;

export class Problems {
  readonly warnings: string[] = [];
  readonly #list: FolderProblem[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get list(): readonly FolderProblem[] {
    return this.#list;
  }

  add(problem: FolderProblem): void {
    this.#count += 1;
    if (this.#list.length < LISTED) this.#list.push(problem);
  }

  /** `place` is the file, with line and column where there are any. */
  warn(place: string, text: string): void {
    if (this.warnings.length < LISTED) this.warnings.push(`${place}: ${text}`);
  }

  /** What an import found wrong with its rows. */
  addReport(file: string, report: ImportReport): void {
    for (const { line, column, reason, remedy } of report.errors) this.add({ file, line, column, reason, remedy });
    for (const warning of report.warnings) this.warn(file, warning);
  }

  /** Runs the work on a file; what is wrong with the file as a whole is one more problem, and gives `undefined`. */
  async within<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isPhonectlError(error) || !ABOUT_CONTENT.has(error.code)) throw error;
      const { line, column } = error.details as { line?: unknown; column?: unknown };
      this.add({
        file,
        line: typeof line === 'number' ? line : 1,
        column: typeof column === 'number' || typeof column === 'string' ? column : '',
        reason: error.message,
        remedy: error.hints.join(' '),
      });
      return undefined;
    }
  }

  /** The same for what stands at one place of a file. */
  async at<T>(place: Pick<FolderProblem, 'file' | 'line' | 'column'>, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isPhonectlError(error) || !ABOUT_CONTENT.has(error.code)) throw error;
      this.add({ ...place, reason: error.message, remedy: error.hints.join(' ') });
      return undefined;
    }
  }

  /** Throws `invalid_data` with all of them. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const hints = this.#list.slice(0, 20).map(problemText);
    if (this.#count > hints.length)
      hints.push(`… and ${this.#count - hints.length} more: phonectl fleet validate --json`);
    const things = this.#count === 1 ? 'One thing is' : `${this.#count} things are`;
    throw new PhonectlError('invalid_data', `${things} wrong with the folder. Nothing was applied.`, {
      hints,
      details: { problems: this.#list },
    });
  }
}

/** `sites.csv:3:parent: There is no site "Berlim". Did you mean Berlin?` */
export function problemText({ file, line, column, reason, remedy }: FolderProblem): string {
  return `${file}:${line}${column === '' ? '' : `:${column}`}: ${`${reason} ${remedy}`.trim()}`;
}

/** Codes of errors that the content of a file can cause. */
const ABOUT_CONTENT: ReadonlySet<string> = new Set([
  'invalid_file',
  'invalid_data',
  'invalid_input',
  'not_found',
  'ambiguous',
  'exists',
  'protected',
  'in_use',
  'usage',
]);
