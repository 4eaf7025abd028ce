/** What kind of bytes a file starts with, and which separator its header uses. */
import { PhonectlError } from '../errors.ts';

export type Separator = 'comma' | 'semicolon' | 'tab';

export const SEPARATORS: Readonly<Record<Separator, string>> = { comma: ',', semicolon: ';', tab: '\t' };

const SAVE_AS_CSV = 'Open it in a spreadsheet and save it as "CSV UTF-8 (comma separated)".';

/** File formats that get named `.csv` by mistake, by their first bytes. */
const FOREIGN: readonly { readonly magic: readonly number[]; readonly what: string; readonly remedy: string }[] = [
  { magic: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel workbook (.xls)', remedy: SAVE_AS_CSV },
  {
    magic: [0x1f, 0x8b],
    what: 'compressed with gzip',
    remedy: 'Uncompress it first: `gunzip -c FILE | phonectl … -`.',
  },
  { magic: [0x25, 0x50, 0x44, 0x46], what: 'a PDF document', remedy: SAVE_AS_CSV },
  { magic: [0x7f, 0x45, 0x4c, 0x46], what: 'a program', remedy: 'Name a CSV file.' },
  { magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], what: 'an SQLite database', remedy: 'Name a CSV file.' },
];

/** Throws `invalid_file` when the first bytes are not those of a text file. `name` is for the message. */
export function refuseForeign(head: Uint8Array, name: string): void {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0x504b0304) {
    throw foreign(name, zipKind(bytes), zipKind(bytes) === 'a ZIP archive' ? 'Unpack it first.' : SAVE_AS_CSV);
  }
  for (const { magic, what, remedy } of FOREIGN) {
    if (magic.every((byte, index) => bytes[index] === byte)) {
      throw foreign(name, what, remedy);
    }
  }
}

function zipKind(bytes: Buffer): string {
  if (bytes.includes('[Content_Types].xml') || bytes.includes('xl/')) return 'an Excel workbook (.xlsx)';
  if (bytes.includes('opendocument.spreadsheet')) return 'a LibreOffice spreadsheet (.ods)';
  return 'a ZIP archive';
}

function foreign(name: string, what: string, remedy: string): PhonectlError {
  return new PhonectlError('invalid_file', `${name} is not a CSV file: it is ${what}.`, { hints: [remedy] });
}

/** Throws `invalid_file` when decoded text holds what no CSV has: NUL characters, or a document of another kind. */
export function refuseOtherText(text: string, name: string): void {
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length;
    throw new PhonectlError('invalid_file', `${name} holds a NUL character in line ${line}: it is not a text file.`, {
      hints: ['If it is a text file in another encoding, name it: --encoding utf-16le.'],
      details: { line },
    });
  }
  const start = text.trimStart().slice(0, 100).toLowerCase();
  if (/^<(\?xml|!doctype|html|[a-z]+[ >])/.test(start)) throw foreign(name, 'an XML or HTML document', SAVE_AS_CSV);
}

export interface HeaderLine {
  /** The header's raw text; empty when there is none. */
  readonly text: string;
  /** From Excel's `sep=;` line. */
  readonly separator: string | undefined;
}

/** The first line that is neither blank nor a comment; quoted line breaks belong to it. */
export function findHeader(text: string): HeaderLine {
  let separator: string | undefined;
  let start = 0;
  while (start < text.length) {
    const end = endOfLine(text, start);
    const line = text.slice(start, end);
    const declared = /^\s*"?sep=(.)"?\s*$/i.exec(line)?.[1];
    if (declared !== undefined) separator = declared;
    else if (!/^[\s,;]*$/.test(line) && !/^\s*"?\s*#/.test(line)) return { text: line, separator };
    start = end + 1;
  }
  return { text: '', separator };
}

function endOfLine(text: string, start: number): number {
  // A comment ends at the line's end whatever quotes it has.
  const comment = text[start] === '#';
  let quoted = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '"' && !comment) quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) return index;
  }
  return text.length;
}

/** Splits a raw header by one separator, quotes and blanks removed. */
export function splitHeader(line: string, separator: string): readonly string[] {
  const names: string[] = [];
  let quoted = false;
  let current = '';
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      names.push(current.trim());
      current = '';
    } else current += character;
  }
  return [...names, current.trim()];
}

/**
 * The separator of a header line (CSV-01). When several occur in it, the one that yields the most names that `known`
 * recognises; when that does not decide, `invalid_file` asks for `--separator`.
 */
export function detectSeparator(line: string, known: (name: string) => boolean, name: string): string {
  const candidates = Object.values(SEPARATORS)
    .map((separator) => {
      const names = splitHeader(line, separator);
      return { separator, count: names.length, recognised: names.filter(known).length };
    })
    .filter(({ count }) => count > 1);
  const [best, second] = candidates.sort((a, b) => b.recognised - a.recognised);
  if (best === undefined) return SEPARATORS.comma;
  if (second === undefined || second.recognised < best.recognised) return best.separator;
  throw new PhonectlError('invalid_file', `The separator of ${name} is not clear from its header.`, {
    hints: ['Name it: --separator comma, --separator semicolon or --separator tab.'],
    details: { header: line.slice(0, 200) },
  });
}
