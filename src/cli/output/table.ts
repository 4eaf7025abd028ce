/** Tables for a terminal: aligned, cut to its width by the columns' priority, made in chunks of fixed widths. */
import { stripVTControlCharacters } from 'node:util';
import type { Style } from '../style.ts';
import { displayWidth, headerOf, truncate } from '../text.ts';
import type { Terminal } from '../terminal.ts';
import type { Column } from '../view.ts';
import { terminalCell } from './cells.ts';

// cli-table3 measures every row against every other: 10,000 rows in one table take 11 s, in chunks of 200 with fixed
// widths 1.4 s. The first chunk also decides the widths.
const CHUNK = 200;
const GAP = 2;
const NARROWEST = 6;

/** Yields blocks of text, each ending in a line break. Rows are read as they come. */
export async function* tableBlocks<T>(
  rows: AsyncIterable<T> | Iterable<T>,
  columns: readonly Column<T>[],
  options: { terminal: Terminal; style: Style; header: boolean; wide: boolean; now: number },
): AsyncGenerator<string> {
  const { style } = options;
  let shown: readonly Column<T>[] = columns;
  let widths: number[] | undefined;
  let header = options.header;
  for await (const chunk of chunks(rows, CHUNK)) {
    let cells = chunk.map((row) => columns.map((column) => terminalCell(column, row, style, options.now)));
    if (widths === undefined) {
      const natural = columns.map((column, index) =>
        Math.max(
          header ? displayWidth(headerText(column)) : 1,
          ...cells.map((row) => visibleWidth(row[index]!)),
        ),
      );
      const kept = options.wide ? columns.map((_, index) => index) : fit(columns, natural, options.terminal.width);
      shown = kept.map((index) => columns[index]!);
      widths = options.wide
        ? natural
        : shrink(
            kept.map((index) => natural[index]!),
            shown,
            options.terminal.width,
          );
    }
    cells = cells.map((row) => shown.map((column) => row[columns.indexOf(column)]!));
    yield await draw(shown, widths, header ? shown.map(headerText) : undefined, cells, options);
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
  options: { style: Style; wide: boolean },
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: NO_BORDERS,
    colWidths: widths.map((width, index) => (index === widths.length - 1 ? width : width + GAP)),
    colAligns: columns.map((column) => (column.kind === 'number' ? 'right' : 'left')),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  const mark = options.style.symbol('ellipsis');
  // Later chunks may hold wider cells than the first one that set the widths: they are cut too, or the table breaks.
  const fitCell = (cell: string, index: number): string => fitPainted(cell, widths[index]!, mark);
  if (header) table.push(header.map((cell, index) => options.style.paint('bold', fitCell(cell, index))));
  for (const row of rows) table.push(row.map(fitCell));
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
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

/** Indexes of the columns that fit at least narrowly; those of the highest priority number are left out first. */
function fit<T>(columns: readonly Column<T>[], natural: readonly number[], width: number): number[] {
  const kept = columns.map((_, index) => index);
  const need = (): number =>
    kept.reduce((sum, index) => sum + Math.min(natural[index]!, Math.max(NARROWEST, 0)) + GAP, -GAP);
  const priority = (index: number): number => columns[index]!.priority ?? index;
  const comfortable = (): number => kept.reduce((sum, index) => sum + Math.min(natural[index]!, 24) + GAP, -GAP);
  while (kept.length > 1 && (need() > width || comfortable() > width)) {
    let worst = 0;
    for (let index = 1; index < kept.length; index += 1) {
      if (priority(kept[index]!) >= priority(kept[worst]!)) worst = index;
    }
    kept.splice(worst, 1);
  }
  return kept;
}

/** Takes from the widest column until the row fits. */
function shrink<T>(natural: readonly number[], columns: readonly Column<T>[], width: number): number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, value) => sum + value + GAP, -GAP);
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) break;
    widths[widest] = Math.max(NARROWEST, widths[widest]! - (total() - width));
    if (columns.length === 1) break;
  }
  return widths;
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
