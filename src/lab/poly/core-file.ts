/** What is left of a program that crashed: the head of an ELF core of an ARM machine, packed. */
import { gzipSync } from 'node:zlib';

const ET_CORE = 4;
const EM_ARM = 40;
const HEADER = 52;

/** Names of cores are documented nowhere; this one says whose it is. */
export function coreName(mac: string, program: string): string {
  return `${mac}-${program}-core.gz`;
}

export function coreOf(program: string): Buffer {
  const header = Buffer.alloc(HEADER);
  // 32 bits, little-endian, version 1.
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  header.writeUInt16LE(ET_CORE, 16);
  header.writeUInt16LE(EM_ARM, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt16LE(HEADER, 40);
  return gzipSync(Buffer.concat([header, Buffer.from(`${program}\0`)]));
}
