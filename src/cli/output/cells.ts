/** One value as text: for people (terminal), and exactly (pipes, CSV). */
import { type Style, stateText } from '../style.ts';
import { cleanText } from '../text.ts';
import type { Column } from '../view.ts';

/** The value of a column in a row. */
export function cellValue<T>(column: Column<T>, row: T): unknown {
  if (column.get) return column.get(row);
  return (row as Record<string, unknown>)[column.name];
}

/** A cell on a terminal: clean, relative times, state with symbol and colour, `–` for nothing. */
export function terminalCell<T>(column: Column<T>, row: T, style: Style, now: number): string {
  if (column.text) return column.text(row, style);
  const value = cellValue(column, row);
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return style.paint('grey', style.symbol('none'));
  switch (column.kind ?? 'text') {
    case 'time':
      return relativeTime(value, now);
    case 'state':
      return stateText(cleanText(String(value)), style);
    case 'flag':
      return value === true ? 'yes' : 'no';
    case 'number':
      return typeof value === 'number' ? value.toLocaleString('en-US') : cleanText(String(value));
    default:
      return cleanText(exactText(value, ', '));
  }
}

/** A value for machines: ISO times, complete, nothing for null. Lists are joined, objects are JSON. */
export function exactText(value: unknown, separator = ','): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => exactText(item)).join(separator);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A cell of a tab-separated line: one line, whatever the value holds; escape sequences stay out of shells and logs. */
export function tsvCell<T>(column: Column<T>, row: T): string {
  const value = cellValue(column, row);
  const text = column.kind === 'time' ? isoTime(value) : exactText(value);
  return cleanText(text);
}

/** ISO text of a time that may be a Date, milliseconds or already text. */
export function isoTime(value: unknown): string {
  const time = toTime(value);
  return time === undefined ? exactText(value) : new Date(time).toISOString();
}

function relativeTime(value: unknown, now: number): string {
  const time = toTime(value);
  if (time === undefined) return cleanText(exactText(value));
  const seconds = Math.round((now - time) / 1000);
  const amount = Math.abs(seconds);
  const text =
    amount < 60
      ? `${amount}s`
      : amount < 3600
        ? `${Math.floor(amount / 60)}m`
        : amount < 172_800
          ? `${Math.floor(amount / 3600)}h`
          : `${Math.floor(amount / 86_400)}d`;
  return seconds < 0 ? `in ${text}` : text;
}

function toTime(value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() : typeof value === 'number' ? value : Date.parse(String(value));
  return Number.isNaN(time) ? undefined : time;
}
