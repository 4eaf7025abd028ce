/** A result and its view → text on stdout, in the form that was asked for. */
import type { OutputFormat } from '../flags.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { headerOf, padEnd } from '../text.ts';
import type { AnyView, Column, ListView, ShowView, TextView } from '../view.ts';
import { cellValue, exactText, isoTime, terminalCell, tsvCell } from './cells.ts';
import { chooseColumns, cut, parseFilters, parseSort, sift, sortRows } from './rows.ts';
import type { Output } from './sink.ts';
import { tableBlocks } from './table.ts';

/** What the flags of a command ask of the output. */
export interface RenderOptions {
  readonly format: OutputFormat;
  readonly columns?: string | undefined;
  readonly header: boolean;
  readonly wide: boolean;
  readonly search?: string | undefined;
  readonly filters?: readonly string[] | undefined;
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly page?: number | undefined;
  /** Nothing was done: the answer says what would be. */
  readonly dryRun?: boolean | undefined;
}

export interface RenderTarget {
  readonly out: Output;
  readonly terminal: Terminal;
  readonly style: Style;
  /** A remark for people on stderr; silent with --quiet. */
  readonly note: (text: string) => void;
}

const REHEARSED = 'Nothing was done; this would happen:';

/** Prints a result. A result of `undefined` prints nothing, in every form. */
export async function render(
  result: unknown,
  view: AnyView | undefined,
  options: RenderOptions,
  target: RenderTarget,
): Promise<void> {
  if (result === undefined) return;
  if (options.dryRun && view !== undefined && view.kind !== 'text') target.note(REHEARSED);
  if (view?.kind === 'list') await renderList(result as AsyncIterable<never> | Iterable<never>, view, options, target);
  else if (view?.kind === 'show') await renderShow(result as never, view, options, target);
  else await renderText(result as never, view, options, target);
  await target.out.flush();
}

async function renderList<T>(
  source: AsyncIterable<T> | Iterable<T>,
  view: ListView<T>,
  options: RenderOptions,
  target: RenderTarget,
): Promise<void> {
  const done = new Set(view.sdk ?? []);
  const chosen = chooseColumns(view.columns, options.columns, options.wide);
  const filters = done.has('filter') ? [] : parseFilters(view.columns, options.filters);
  const sort = done.has('sort') ? [] : parseSort(view.columns, options.sort);
  let rows: AsyncIterable<T> = sift(source, view.columns, filters, done.has('search') ? undefined : options.search);
  if (sort.length > 0) {
    const all: T[] = [];
    for await (const row of rows) all.push(row);
    rows = fromArray(sortRows(all, view.columns, sort));
  }
  const screenful = options.format === 'table' && target.terminal.stdoutIsTty;
  const limit = limitOf(options, target.terminal);
  const total = screenful && limit !== undefined ? { seen: 0 } : undefined;
  const pushed = done.has('limit') && filters.length === 0 && sort.length === 0 && !screenful;
  const skip = pushed ? 0 : ((options.page ?? 1) - 1) * (limit ?? 0);
  let shown = 0;
  const counted = (async function* (): AsyncGenerator<T> {
    for await (const row of cut(rows, skip, limit, total)) {
      shown += 1;
      yield row;
    }
  })();
  await writeRows(counted, view, chosen, options, target);
  await target.out.flush();
  if (shown === 0 && options.format === 'table' && target.terminal.stdoutIsTty)
    target.note(view.empty ?? 'Nothing to list.');
  if (total && total.seen > shown && shown > 0) {
    target.note(`${shown} of ${total.seen.toLocaleString('en-US')} shown; --limit 0 for all.`);
  }
}

/** The limit in rows: what was asked for, else a screenful on a terminal; undefined for all. */
export function limitOf(
  options: { format: OutputFormat; limit?: number | undefined },
  terminal: Terminal,
): number | undefined {
  if (options.limit !== undefined) return options.limit === 0 ? undefined : options.limit;
  return options.format === 'table' && terminal.stdoutIsTty ? Math.max(10, terminal.height - 4) : undefined;
}

async function writeRows<T>(
  rows: AsyncIterable<T>,
  view: ListView<T>,
  columns: readonly Column<T>[],
  options: RenderOptions,
  target: RenderTarget,
): Promise<void> {
  const { out, terminal, style } = target;
  const pick = picker(columns, options.columns !== undefined);
  switch (options.format) {
    case 'json': {
      let separator = '[\n';
      for await (const row of rows) {
        await out.write(`${separator}  ${toJson(pick(row))}`);
        separator = ',\n';
      }
      await out.write(separator === '[\n' ? '[]\n' : '\n]\n');
      return;
    }
    case 'ndjson':
      for await (const row of rows) await out.line(toJson(pick(row)));
      return;
    case 'name': {
      const column = view.columns.find(({ name }) => name === view.nameField) ?? { name: view.nameField };
      for await (const row of rows) await out.line(exactText(cellValue(column, row)));
      return;
    }
    case 'csv': {
      const { stringify } = await import('csv-stringify/sync');
      if (options.header) await out.write(stringify([columns.map(({ name }) => name)]));
      for await (const row of rows) await out.write(stringify([columns.map((column) => csvCell(column, row))]));
      return;
    }
    case 'yaml': {
      const { stringify } = await import('yaml');
      let any = false;
      for await (const row of rows) {
        any = true;
        await out.write(stringify([plain(pick(row))]));
      }
      if (!any) await out.write('[]\n');
      return;
    }
    case 'table':
      if (terminal.stdoutIsTty) {
        const now = Date.now();
        for await (const block of tableBlocks(rows, columns, {
          terminal,
          style,
          header: options.header,
          wide: options.wide,
          now,
        })) {
          await out.write(block);
        }
      } else {
        for await (const row of rows) await out.line(columns.map((column) => tsvCell(column, row)).join('\t'));
      }
  }
}

async function renderShow<T>(
  value: T | readonly T[],
  view: ShowView<T>,
  options: RenderOptions,
  target: RenderTarget,
): Promise<void> {
  const { out, terminal, style } = target;
  // One object is asked for by default, so its extra fields are shown too; --columns narrows them.
  const columns = chooseColumns(view.columns, options.columns, options.columns === undefined);
  const values: readonly T[] = Array.isArray(value) ? value : [value as T];
  const pick = picker(columns, options.columns !== undefined);
  if (options.format === 'json') {
    const picked = values.map(pick);
    await out.line(toJson(Array.isArray(value) ? picked : picked[0], 2));
    return;
  }
  if (options.format === 'yaml') {
    const { stringify } = await import('yaml');
    const picked = values.map((one) => plain(pick(one)));
    await out.write(stringify(Array.isArray(value) ? picked : picked[0]));
    return;
  }
  if (options.format !== 'table') {
    await writeRows(
      fromArray(values),
      { kind: 'list', columns: view.columns, nameField: view.nameField },
      columns,
      options,
      target,
    );
    return;
  }
  if (!terminal.stdoutIsTty) {
    for (const one of values) {
      for (const column of columns) await out.line(`${column.name}\t${tsvCell(column, one)}`);
      // What is no field follows as people read it; scripts take --json.
      for (const line of view.more?.(one, style) ?? []) await out.line(line);
    }
    return;
  }
  const now = Date.now();
  const labels = columns.map((column) => sentenceCase(column.header ?? headerOf(column.name)));
  const width = Math.max(0, ...labels.map((label) => label.length)) + 2;
  for (const [index, one] of values.entries()) {
    if (index > 0) await out.line('');
    for (const [at, column] of columns.entries()) {
      await out.line(`${style.paint('dim', padEnd(labels[at]!, width))}${terminalCell(column, one, style, now)}`);
    }
    for (const line of view.more?.(one, style) ?? []) await out.line(line);
  }
}

async function renderText<T>(
  value: T,
  view: TextView<T> | undefined,
  options: RenderOptions,
  target: RenderTarget,
): Promise<void> {
  const { out, style } = target;
  if (options.format === 'yaml') {
    const { stringify } = await import('yaml');
    await out.write(stringify(plain(value)));
    return;
  }
  if (options.format === 'json' || options.format === 'ndjson' || view === undefined) {
    await out.line(toJson(value, options.format === 'ndjson' ? undefined : 2));
    return;
  }
  if (options.dryRun) await out.line(style.paint('yellow', REHEARSED));
  const lines = view.lines(value, options.dryRun ? rehearsal(style) : style);
  for (const line of typeof lines === 'string' ? [lines] : lines) await out.line(line);
}

/** Nothing is ticked off that was not done. */
function rehearsal(style: Style): Style {
  return { ...style, symbol: (name) => style.symbol(name === 'ok' ? 'arrow' : name) };
}

/** The object for JSON: the row as it came, or the chosen columns of it. */
function picker<T>(columns: readonly Column<T>[], chosen: boolean): (row: T) => unknown {
  if (!chosen) return (row) => row;
  return (row) => Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row) ?? null]));
}

function csvCell<T>(column: Column<T>, row: T): string {
  const value = cellValue(column, row);
  return column.kind === 'time' ? isoTime(value) : exactText(value);
}

// JSON escapes C0 controls only; C1 controls and bidirectional overrides steer a terminal too. The escapes are exact.
const UNSAFE_IN_JSON = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function toJson(value: unknown, indent?: number): string {
  // JSON.stringify takes 9 ms for 50,000 rows where oclif's colorizeJson takes 318.
  return JSON.stringify(value, undefined, indent).replace(UNSAFE_IN_JSON, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** YAML knows no classes: what JSON makes of a value (dates as ISO text) is what YAML shows. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Words of the field that are written in capitals wherever they stand. */
const CAPITALS = new Set(['MAC', 'IP', 'SIP', 'URL', 'ID', 'CPU', 'TLS', 'CSV', 'API', 'DND', 'NAT', 'XML']);

/** `PUBLIC IP` → `Public IP`. */
function sentenceCase(header: string): string {
  const words = header.split(' ').map((word) => (CAPITALS.has(word) ? word : word.toLowerCase()));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function* fromArray<T>(rows: readonly T[]): AsyncGenerator<T> {
  yield* rows;
}
