/**
 * How a command's result looks. A command declares its view as data (`static override view = listView(…)`) and returns
 * plain data from run(); tables, JSON, NDJSON, CSV, YAML and names are made from the two by `output/`.
 */
import { type Style, stateText } from './style.ts';
import { cleanText, displayWidth, headerOf, padEnd } from './text.ts';

/** What a value is, which decides how it is shown on a terminal. JSON, CSV and pipes always get the exact value. */
export type ColumnKind = 'text' | 'number' | 'time' | 'state' | 'list' | 'flag';

export interface Column<T> {
  /** The field: key in JSON, header in CSV, name for --columns, --sort and --filter. */
  readonly name: string;
  /** Header on a terminal; by default the name in upper case with its words apart. */
  readonly header?: string;
  /** The value; by default the row's field of that name. */
  readonly get?: (row: T) => unknown;
  readonly kind?: ColumnKind;
  /** Text of the cell on a terminal only, when the kind does not say it well enough. */
  readonly text?: (row: T, style: Style) => string;
  /** On a narrow terminal the columns with the highest number go first; 0 (the default for the first column) stays. */
  readonly priority?: number;
  /** Not among the default columns: shown with --wide or when named in --columns. */
  readonly extra?: boolean;
}

/** A list: table, TSV, JSON array, NDJSON, CSV, YAML, names. run() returns an AsyncIterable or an array of rows. */
export interface ListView<T> {
  readonly kind: 'list';
  readonly columns: readonly Column<T>[];
  /** The field that `--output name` prints; a reference the other commands accept. */
  readonly nameField: string;
  /** Said on stderr when a list for a terminal is empty, such as `No sites. Add one: phonectl site add NAME`. */
  readonly empty?: string;
  /**
   * What the SDK operation does itself when handed `this.query(flags)`; the kit does the rest on the stream. `limit`
   * includes the page.
   */
  readonly sdk?: readonly ('search' | 'sort' | 'filter' | 'limit')[];
}

/** One object (or an array of them): label and value by line on a terminal, JSON object. */
export interface ShowView<T> {
  readonly kind: 'show';
  readonly columns: readonly Column<T>[];
  readonly nameField: string;
  /** Lines under the fields on a terminal: sub-tables, notes. */
  readonly more?: (value: T, style: Style) => readonly string[];
}

/** Any other result: lines of text for people, the result itself as JSON or YAML. */
export interface TextView<T> {
  readonly kind: 'text';
  readonly lines: (value: T, style: Style) => readonly string[] | string;
  /** The exit status that this result means; 0 by default. */
  readonly exit?: (value: T) => number;
}

// A static of the base class holds views of any row type; `never` makes them all assignable without `any`.
export type AnyView = ListView<never> | ShowView<never> | TextView<never>;

/** Declares a list. The first column is the name field unless told otherwise. */
export function listView<T>(
  columns: readonly Column<T>[],
  options: { nameField?: string; empty?: string; sdk?: ListView<T>['sdk'] } = {},
): ListView<T> {
  return {
    kind: 'list',
    columns,
    nameField: options.nameField ?? columns[0]?.name ?? 'name',
    ...options,
  } as ListView<T>;
}

/** Declares the view of one object. */
export function showView<T>(
  columns: readonly Column<T>[],
  options: { nameField?: string; more?: ShowView<T>['more'] } = {},
): ShowView<T> {
  return {
    kind: 'show',
    columns,
    nameField: options.nameField ?? columns[0]?.name ?? 'name',
    ...options,
  } as ShowView<T>;
}

/** Declares a view in words: what a write says when it is done. */
export function textView<T>(lines: TextView<T>['lines'], exit?: TextView<T>['exit']): TextView<T> {
  return exit === undefined ? { kind: 'text', lines } : { kind: 'text', lines, exit };
}

/** What happened to one device (design.md section 9). */
export interface TargetResult {
  readonly device: string;
  readonly result: 'success' | 'failure' | 'not-applicable' | 'skipped' | 'pending';
  readonly reason?: string | null;
}

/** A batch: what every verb on many devices returns. */
export interface BatchResult {
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly TargetResult[];
}

/** Exit status of a batch: 3 when anything failed, 8 when something has not finished, else 0 (not applicable is 0). */
export function batchExit(batch: BatchResult): number {
  if (batch.results.some((target) => target.result === 'failure')) return 3;
  return batch.results.some((target) => target.result === 'pending') ? 8 : 0;
}

/** The view of a batch: a line per device, then the sums. Sets the exit status by {@link batchExit}. */
export function batchView(): TextView<BatchResult> {
  return textView<BatchResult>((batch, style) => {
    const width = Math.max(0, ...batch.results.map((target) => displayWidth(cleanText(target.device)))) + 2;
    const lines = batch.results.map((target) => {
      const reason = target.reason ? `  ${cleanText(target.reason)}` : '';
      return `${padEnd(cleanText(target.device), width)}${stateText(target.result, style)}${reason}`;
    });
    const sums = Object.entries(batch.summary).map(([name, number]) => `${number} ${headerOf(name).toLowerCase()}`);
    return [...lines, ...(sums.length > 0 ? [sums.join(', ')] : [])];
  }, batchExit);
}
