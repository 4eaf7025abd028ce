/** Screenshots: a small picture with text on it, as PNG or BMP. */
import { crc32, deflateSync } from 'node:zlib';

/** 5×7 dots per sign, a row of five bits each; what is missing here is drawn as a box. */
const FONT: Record<string, string> = {
  ' ': '00000000000000',
  '-': '0000001F000000',
  '.': '00000000000C0C',
  '/': '01010204081010',
  ':': '000C0C000C0C00',
  '0': '0E11131519110E',
  '1': '040C040404040E',
  '2': '0E11010204081F',
  '3': '1F02040201110E',
  '4': '02060A121F0202',
  '5': '1F101E0101110E',
  '6': '0608101E11110E',
  '7': '1F010204080808',
  '8': '0E11110E11110E',
  '9': '0E11110F01020C',
  A: '0E11111F111111',
  B: '1E11111E11111E',
  C: '0E11101010110E',
  D: '1C12111111121C',
  E: '1F10101E10101F',
  F: '1F10101E101010',
  G: '0E11101711110F',
  H: '1111111F111111',
  I: '0E04040404040E',
  J: '0702020202120C',
  K: '11121418141211',
  L: '1010101010101F',
  M: '111B1515111111',
  N: '11111915131111',
  O: '0E11111111110E',
  P: '1E11111E101010',
  Q: '0E11111115120D',
  R: '1E11111E141211',
  S: '0F10100E01011E',
  T: '1F040404040404',
  U: '1111111111110E',
  V: '11111111110A04',
  W: '11111115151B11',
  X: '11110A040A1111',
  Y: '11110A04040404',
  Z: '1F01020408101F',
};
const BOX = '1F11111111111F';

export interface Picture {
  width: number;
  height: number;
  /** Three bytes a dot: red, green, blue. */
  dots: Buffer;
}

const WIDTH = 320;
const HEIGHT = 240;
const BACKGROUND = [24, 44, 80] as const;
const INK = [240, 240, 240] as const;

/** A screen with these lines of text; the first one is the title. */
export function drawScreen(lines: readonly string[]): Picture {
  const dots = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let at = 0; at < dots.length; at += 3) dots.set(BACKGROUND, at);
  for (const [row, line] of lines.slice(0, 12).entries()) {
    const signs = [...line.toUpperCase()].slice(0, 25);
    for (const [column, sign] of signs.entries()) drawSign(dots, sign, 8 + column * 12, 8 + row * 19);
  }
  return { width: WIDTH, height: HEIGHT, dots };
}

function drawSign(dots: Buffer, sign: string, left: number, top: number): void {
  const rows = Buffer.from(FONT[sign] ?? BOX, 'hex');
  // Every dot of the font is two by two on the screen.
  for (let y = 0; y < 14; y++) {
    for (let x = 0; x < 10; x++) {
      if ((rows[y >> 1]! >> (4 - (x >> 1))) & 1) dots.set(INK, ((top + y) * WIDTH + left + x) * 3);
    }
  }
}

/** PNG, 8 bits a colour, no filter. */
export function toPng({ width, height, dots }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const raw = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row++)
    dots.copy(raw, row * (1 + width * 3) + 1, row * width * 3, (row + 1) * width * 3);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** BMP, 24 bits, rows from the bottom up. */
export function toBmp({ width, height, dots }: Picture): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const out = Buffer.alloc(54 + stride * height);
  out.write('BM', 0, 'latin1');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  out.writeUInt32LE(stride * height, 34);
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) {
      const from = ((height - 1 - row) * width + x) * 3;
      out.set([dots[from + 2]!, dots[from + 1]!, dots[from]!], 54 + row * stride + x * 3);
    }
  }
  return out;
}
