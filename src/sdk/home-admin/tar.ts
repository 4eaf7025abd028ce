/**
 * Just enough of the tar format (POSIX ustar, IEEE 1003.1) for backups: regular files in, regular files out. Any `tar`
 * can list and unpack a backup.
 */
import { PhonectlError } from '../errors.ts';

const BLOCK = 512;
/** The largest size that fits into eleven octal digits; larger ones are written in base 256, as GNU tar does. */
const OCTAL_LIMIT = 0o77777777777;

export interface TarEntry {
  /** Relative, with forward slashes. */
  readonly name: string;
  readonly size: number;
}

/** The header of a regular file with mode 0600. Throws a `RangeError` for a name that ustar cannot hold. */
export function tarHeader({ name, size }: TarEntry, modified: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { prefix, base } = splitName(name);
  header.write(base, 0, 100, 'utf8');
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (size <= OCTAL_LIMIT) {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  } else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(
    `${Math.floor(modified / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, 155, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function splitName(name: string): { prefix: string; base: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: '', base: name };
  for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
    const [prefix, base] = [name.slice(0, slash), name.slice(slash + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(base) <= 100) return { prefix, base };
  }
  throw new RangeError(`${name} is too long a name for a backup.`);
}

/** Zeros that fill the last block of a file. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** Reads an archive piece by piece. Anything but regular files, and every damaged header, is `invalid_file`. */
export class TarReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next file, `undefined` at the end. Its content must be read before the next call. */
  async next(): Promise<TarEntry | undefined> {
    const header = await this.#take(BLOCK);
    if (header.every((byte) => byte === 0)) return undefined;
    const stated = Number.parseInt(text(header, 148, 8), 8);
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    if (stated !== sum || text(header, 257, 5) !== 'ustar') throw broken('a header is damaged');
    if (text(header, 156, 1) !== '0') throw broken('it holds something that is no file');
    const prefix = text(header, 345, 155);
    const name = text(header, 0, 100);
    return { name: prefix === '' ? name : `${prefix}/${name}`, size: sizeOf(header) };
  }

  /** The content of the file that `next` has named. */
  async *content({ size }: TarEntry): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      if (this.#held.length === 0) await this.#fill();
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    await this.#take(tarPadding(size).length);
  }

  async #take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      if (this.#held.length === 0) await this.#fill();
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      parts.push(piece);
    }
    return Buffer.concat(parts);
  }

  async #fill(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw broken('it ends in the middle');
    this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

function sizeOf(header: Buffer): number {
  const size = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(header, 124, 12), 8);
  if (!Number.isSafeInteger(size) || size < 0) throw broken('a size is damaged');
  return size;
}

export function broken(why: string): PhonectlError {
  return new PhonectlError('invalid_file', `This is not an intact backup of phonectl: ${why}.`, {
    hints: ['Take another backup. Nothing was changed.'],
  });
}
