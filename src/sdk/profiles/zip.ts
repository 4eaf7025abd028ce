/** Writes ZIP archives (APPNOTE 6.3.3, no ZIP64): what people and other management systems open (PROF-20). */

export interface ZipEntry {
  readonly name: string;
  readonly body: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** UTF-8 names (general purpose bit 11), deflated contents. */
const FLAGS = 0x0800;
const DEFLATED = 8;
const VERSION = 20;

export function* zip(entries: Iterable<ZipEntry>): Generator<Uint8Array> {
  const { crc32, deflateRawSync } = process.getBuiltinModule('node:zlib');
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, body, modified } of entries) {
    const packed = deflateRawSync(body);
    const title = Buffer.from(name, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(FLAGS, 2);
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt32LE(dosTime(modified), 6);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, title]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([VERSION, 0]), common, tail, title]),
    );
    offset += local.length + packed.length;
    yield local;
    yield packed;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  yield index;
  yield Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** Date and time of MS-DOS, in UTC, from 1980 on, two seconds exact. */
function dosTime(at: number): number {
  const date = new Date(Math.max(at, Date.UTC(1980, 0, 1)));
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}
