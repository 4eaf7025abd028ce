/** Packets as a phone captures them: Ethernet, IPv4, UDP or TCP, in the file format of tcpdump (libpcap 2.4). */

export interface Packet {
  readonly protocol: 'udp' | 'tcp';
  readonly from: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
  readonly payload: Buffer;
}

const ETHERNET = 1;
const LONGEST_FRAME = 65_535;
/** Of a packet that is larger than this only the beginning is kept; a SIP message fits. */
const LONGEST_PAYLOAD = 65_000;

/** A file with these frames. */
export function pcapFile(frames: readonly { readonly at: number; readonly bytes: Buffer }[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(LONGEST_FRAME, 16);
  header.writeUInt32LE(ETHERNET, 20);
  const records = frames.flatMap(({ at, bytes }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(at / 1000), 0);
    record.writeUInt32LE(Math.floor((at % 1000) * 1000), 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return [record, bytes];
  });
  return Buffer.concat([header, ...records]);
}

/** A packet as it is on the wire; `sent` are the bytes that went this way before, for TCP's numbers. */
export function frame({ protocol, from, to, payload }: Packet, sent: { here: number; there: number }): Buffer {
  const data = payload.subarray(0, LONGEST_PAYLOAD);
  const segment = protocol === 'udp' ? udp(from.port, to.port, data) : tcp(from.port, to.port, data, sent);
  const [source, target] = [addressBytes(from.address), addressBytes(to.address)];
  const pseudo = Buffer.concat([source, target, Buffer.from([0, protocol === 'udp' ? 17 : 6, 0, 0])]);
  pseudo.writeUInt16BE(segment.length, 10);
  const sum = checksum(Buffer.concat([pseudo, segment]));
  // Zero means "no checksum" in UDP (RFC 768).
  if (protocol === 'udp') segment.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  else segment.writeUInt16BE(sum, 16);
  const ethernet = Buffer.concat([hardware(target), hardware(source), Buffer.from([0x08, 0x00])]);
  return Buffer.concat([ethernet, ip(source, target, protocol === 'udp' ? 17 : 6, segment.length), segment]);
}

function udp(from: number, to: number, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt16BE(8 + data.length, 4);
  return Buffer.concat([header, data]);
}

function tcp(from: number, to: number, data: Buffer, { here, there }: { here: number; there: number }): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt32BE(1 + here, 4);
  header.writeUInt32BE(1 + there, 8);
  // Five words of header; PSH and ACK.
  header.set([5 << 4, 0x18], 12);
  header.writeUInt16BE(0xffff, 14);
  return Buffer.concat([header, data]);
}

function ip(from: Buffer, to: Buffer, protocol: number, length: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header.set([64, protocol], 8);
  from.copy(header, 12);
  to.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressBytes(address: string): Buffer {
  return Buffer.from(
    address
      .replace(/^::ffff:/, '')
      .split('.')
      .map(Number),
  );
}

/** Loopback has no hardware addresses: locally administered ones stand for them. */
function hardware(address: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x02, 0x00]), address]);
}
