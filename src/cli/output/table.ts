/** Tables for a terminal: aligned, cut to its width by the columns' priority, made in chunks of fixed widths. */
import { stripVTControlCharacters } from 'node:util';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, headerOf, truncate } from '../text.ts';
import type { Column } from '../view.ts';
import { terminalCell } from './cells.ts';

// cli-table3 measures every row against every other: 10,000 rows in one table take 11 s, in chunks of 200 with fixed
// widths 1.4 s. The first chunk also decides which columns are shown.
const CHUNK = 200;
const GAP = 2;
const NARROWEST = 4;
// A column that gets at least this much of its content is worth showing.
const READABLE = 24;

/** Yields blocks of text, each ending in a line break. Rows are read as they come. */
export async function* tableBlocks<T>(
  rows: AsyncIterable<T> | Iterable<T>,
  columns: readonly Column<T>[],
  options: { terminal: Terminal; style: Style; header: boolean; wide: boolean; now: number },
): AsyncGenerator<string> {
  const { style, wide, terminal } = options;
  let kept: readonly number[] | undefined;
  let widths: readonly number[] = [];
  let header = options.header;
  for await (const chunk of chunks(rows, CHUNK)) {
    const cells = chunk.map((row) => columns.map((column) => terminalCell(column, row, style, options.now)));
    const natural = columns.map((column, index) =>
      Math.max(header ? displayWidth(headerText(column)) : 1, ...cells.map((row) => visibleWidth(row[index]!))),
    );
    kept ??= wide ? columns.map((_, index) => index) : columnsThatFit(columns, natural, terminal.width);
    // A later chunk may widen a column, but never narrows one: the eye keeps its place.
    const wanted = kept.map((index, position) => Math.max(natural[index]!, widths[position] ?? 0));
    widths = wide ? wanted : shrink(wanted, terminal.width);
    const shown = kept.map((index) => columns[index]!);
    const shownCells = cells.map((row) => kept!.map((index) => row[index]!));
    yield await draw(shown, widths, header ? shown.map(headerText) : undefined, shownCells, style);
    header = false;
  }
}

function headerText<T>(column: Column<T>): string {
  return column.header ?? headerOf(column.name);
}

async function draw<T>(
  columns: readonly Column<T>[],
  widths: readonly number[],
  header: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
  style: Style,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: NO_BORDERS,
    colWidths: widths.map((width) => width + GAP),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  const mark = style.symbol('ellipsis');
  const fitted = (cell: string, index: number): string => {
    const text = fitPainted(cell, widths[index]!, mark);
    return columns[index]!.kind === 'number' ? ' '.repeat(widths[index]! - visibleWidth(text)) + text : text;
  };
  if (header) table.push(header.map((cell, index) => style.paint('bold', fitted(cell, index))));
  for (const row of rows) table.push(row.map(fitted));
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function visibleWidth(cell: string): number {
  return displayWidth(stripVTControlCharacters(cell));
}

/** Cuts a cell that may be painted: the paint goes when something must be cut from it. */
function fitPainted(cell: string, width: number, mark: string): string {
  const bare = stripVTControlCharacters(cell);
  return displayWidth(bare) <= width ? cell : truncate(bare, width, mark);
}

/** Indexes of the columns to show: those of the highest priority number are left out until the rest is readable. */
function columnsThatFit<T>(columns: readonly Column<T>[], natural: readonly number[], width: number): number[] {
  const kept = columns.map((_, index) => index);
  const need = (): number => total(kept.map((index) => Math.min(natural[index]!, READABLE)));
  while (kept.length > 1 && need() > width) {
    let worst = 0;
    for (let position = 1; position < kept.length; position += 1) {
      if (priorityOf(columns, kept[position]!) >= priorityOf(columns, kept[worst]!)) worst = position;
    }
    kept.splice(worst, 1);
  }
  return kept;
}

function priorityOf<T>(columns: readonly Column<T>[], index: number): number {
  return columns[index]!.priority ?? index;
}

/** Takes from the widest columns until the row fits. */
function shrink(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (let over = total(widths) - width; over > 0; over = total(widths) - width) {
    const sorted = [...widths].sort((a, b) => b - a);
    const widest = widths.indexOf(sorted[0]!);
    if (widths[widest]! <= NARROWEST) break;
    const step = Math.max(1, Math.min(over, sorted[0]! - (sorted[1] ?? 0)));
    widths[widest] = Math.max(NARROWEST, widths[widest]! - step);
  }
  return widths;
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, value) => sum + value + GAP, -GAP);
}

async function* chunks<T>(rows: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
