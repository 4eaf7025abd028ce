/** Captures as tools read them: phones may pack them with gzip, and with tar in it (DIAG-15). */
import { PhonectlError } from '../errors.ts';

/** Unpacked; a phone sends 10 MB at the most, and what is captured packs to a tenth at best. */
const MOST = 256 * 1024 * 1024;
/** Of a tar header, which fills one block. */
const BLOCK = 512;

/** The first file in it; bytes that are not packed come out as they are. Throws `invalid_file`. */
export async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new Reader(source);
  const start = await reader.peek(2);
  const plain = start[0] === 0x1f && start[1] === 0x8b ? new Reader(await inflated(reader.rest())) : reader;
  const header = await plain.peek(BLOCK);
  if (header.toString('latin1', 257, 262) !== 'ustar') {
    yield* limited(plain.rest());
    return;
  }
  for (;;) {
    const block = await plain.read(BLOCK);
    const size = Number.parseInt(block.toString('latin1', 124, 135), 8);
    if (block.length < BLOCK || Number.isNaN(size)) throw new PhonectlError('invalid_file', 'There is no file in it.');
    const isFile = block[156] === 0x30 || block[156] === 0;
    if (isFile) {
      yield* limited(plain.part(size));
      return;
    }
    await plain.read(Math.ceil(size / BLOCK) * BLOCK);
  }
}

async function inflated(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { Readable, pipeline } = await import('node:stream');
  const { createGunzip } = process.getBuiltinModule('node:zlib');
  const gunzip = createGunzip();
  // Errors come out of the stream that is read.
  pipeline(Readable.from(bytes), gunzip, () => undefined);
  return readable(gunzip);
}

async function* readable(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (cause) {
    throw new PhonectlError('invalid_file', 'The capture cannot be unpacked: it did not arrive whole.', {
      hints: ['Take it as it came with --raw.'],
      cause,
    });
  }
}

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > MOST) throw new PhonectlError('invalid_file', `Unpacked, the capture is larger than ${MOST} bytes.`);
    yield chunk;
  }
}

/** Bytes by number, from chunks of any size. */
class Reader {
  readonly #source: AsyncIterator<Uint8Array>;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fewer only at the end. */
  async peek(size: number): Promise<Buffer> {
    while (this.#waiting.length < size) {
      const { value, done } = await this.#source.next();
      if (done === true) break;
      this.#waiting = Buffer.concat([this.#waiting, value]);
    }
    return this.#waiting.subarray(0, size);
  }

  async read(size: number): Promise<Buffer> {
    const bytes = await this.peek(size);
    this.#waiting = this.#waiting.subarray(bytes.length);
    return bytes;
  }

  async *part(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const bytes = await this.read(Math.min(left, 65_536));
      if (bytes.length === 0) throw new PhonectlError('invalid_file', 'The capture did not arrive whole.');
      left -= bytes.length;
      yield bytes;
    }
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    for (let bytes = await this.read(65_536); bytes.length > 0; bytes = await this.read(65_536)) yield bytes;
  }
}
