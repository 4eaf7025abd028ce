/** Bytes of unknown encoding in, UTF-8 out, or a refusal that says what to do (CSV-16). Nothing is replaced silently. */
import { PhonectlError } from '../errors.ts';

export interface Decoded {
  /** `utf-8`, `utf-16le`, … as TextDecoder calls it. */
  readonly encoding: string;
  /** Valid UTF-8 without a byte order mark, split anywhere between characters. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** Sees every chunk before it is parsed; used for the warnings about text that was damaged earlier. */
export type Witness = (chunk: Buffer) => void;

/**
 * Finds the encoding of a source from its first bytes, unless `wanted` names one. `head` are the first bytes, `rest`
 * what follows them.
 */
export function decode(
  head: Buffer,
  rest: AsyncIterable<Uint8Array>,
  options: { readonly encoding?: string | undefined; readonly name: string },
): Decoded {
  const encoding = options.encoding === undefined ? detectEncoding(head) : canonical(options.encoding);
  const all = concatenated(head, rest);
  if (encoding === 'utf-8') return { encoding, chunks: checkedUtf8(all, options.name) };
  return { encoding, chunks: transcoded(all, encoding, options.name) };
}

/** By byte order mark, else by where the zero bytes of Latin text stand, else UTF-8. */
export function detectEncoding(head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 4096);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < sample.length; index++) {
    if (sample[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const half = sample.length / 2;
  if (odd > half * 0.3 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.3 && odd < half * 0.05) return 'utf-16be';
  return 'utf-8';
}

function canonical(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new PhonectlError('invalid_input', `There is no encoding called ${label}.`, {
      hints: ['Common ones: utf-8, utf-16le, windows-1252 (also called latin1), gb18030, shift_jis.'],
      cause,
    });
  }
}

async function* concatenated(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  if (head.length > 0) yield head;
  for await (const chunk of rest) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

async function* checkedUtf8(source: AsyncIterable<Buffer>, name: string): AsyncIterable<Buffer> {
  const { isUtf8 } = process.getBuiltinModule('node:buffer');
  let carry: Buffer = Buffer.alloc(0);
  let first = true;
  let line = 1;
  for await (const chunk of source) {
    let bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    if (first && bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
    first = false;
    const end = bytes.length - incompleteTail(bytes);
    carry = bytes.subarray(end);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw notUtf8(whole, line, name);
    line += countLines(whole);
    if (whole.length > 0) yield whole;
  }
  if (carry.length > 0) throw notUtf8(carry, line, name);
}

/** Bytes at the end that are the start of a character whose rest is in the next chunk: 0 to 3. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

function notUtf8(bytes: Buffer, firstLine: number, name: string): PhonectlError {
  const { isUtf8 } = process.getBuiltinModule('node:buffer');
  let line = firstLine;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    if (!isUtf8(text)) return encodingError(text, line, name);
    start = end + 1;
    line += 1;
  }
  return encodingError(bytes, line, name);
}

function encodingError(text: Buffer, line: number, name: string): PhonectlError {
  const asLatin = new TextDecoder('windows-1252').decode(text);
  const word = /[^\s,;"]*[\u0080-\uffff][^\s,;"]*/.exec(asLatin)?.[0] ?? '';
  return new PhonectlError('invalid_file', `${name} is not UTF-8: line ${line} holds bytes of another encoding.`, {
    hints: [
      `If '${word.slice(0, 40)}' in line ${line} reads right, add --encoding latin1.`,
      'Else name its encoding (--encoding gb18030, shift_jis, …), or save the file as "CSV UTF-8".',
    ],
    details: { line },
  });
}

async function* transcoded(source: AsyncIterable<Buffer>, encoding: string, name: string): AsyncIterable<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  for await (const chunk of source) {
    const text = decodeChunk(() => decoder.decode(chunk, { stream: true }), encoding, line, name);
    line += text.split('\n').length - 1;
    if (text.length > 0) yield Buffer.from(text);
  }
  const last = decodeChunk(() => decoder.decode(), encoding, line, name);
  if (last.length > 0) yield Buffer.from(last);
}

function decodeChunk(read: () => string, encoding: string, line: number, name: string): string {
  try {
    return read();
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${name} is not ${encoding}: bytes after line ${line} do not fit.`, {
      hints: ['Name its encoding with --encoding, or save the file as "CSV UTF-8".'],
      details: { line, encoding },
      cause,
    });
  }
}

/** UTF-8 bytes of what text looks like that was read as Latin-1 and saved as UTF-8 once more: `Ã¼`, `â€“`, `Â `. */
const MOJIBAKE = [
  Buffer.from([0xc3, 0x83, 0xc2]),
  Buffer.from([0xc3, 0xa2, 0xe2, 0x82, 0xac]),
  Buffer.from([0xc3, 0x82, 0xc2]),
];
const REPLACEMENT = Buffer.from('\ufffd');

/** Notes, once each, text that was damaged before it came to us. Returns the warnings of this chunk. */
export function damageWatcher(warn: (message: string) => void): Witness {
  let line = 1;
  let mojibake = false;
  let replaced = false;
  return (chunk) => {
    if (!mojibake) {
      const at = Math.max(...MOJIBAKE.map((pattern) => chunk.indexOf(pattern)));
      if (at >= 0) {
        mojibake = true;
        const found = chunk
          .subarray(at, at + 5)
          .toString()
          .slice(0, 2);
        const where = line + countLines(chunk.subarray(0, at));
        warn(
          `Line ${where} holds '${found}': this text was probably saved in the wrong encoding once. Check its names.`,
        );
      }
    }
    if (!replaced) {
      const at = chunk.indexOf(REPLACEMENT);
      if (at >= 0) {
        replaced = true;
        const where = line + countLines(chunk.subarray(0, at));
        warn(`Line ${where} holds U+FFFD, the sign for a character that was lost before this file was written.`);
      }
    }
    line += countLines(chunk);
  };
}
