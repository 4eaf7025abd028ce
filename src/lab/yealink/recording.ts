/** Recordings of calls, as a WAV file that every player knows: 8 kHz, 16 bits, one channel. */

const RATE = 8_000;
const TONE = 440;
/** What is heard in it is a tone; nobody needs more of that. Seconds. */
const LONGEST = 5;
const SHORTEST = 0.25;

/** A recording of a call of that many seconds. */
export function recordingOf(seconds: number): Buffer {
  const samples = Math.round(Math.min(LONGEST, Math.max(SHORTEST, seconds)) * RATE);
  const data = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at++) {
    data.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * TONE * at) / RATE)), at * 2);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  // PCM, one channel.
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** `20261122-093000.wav`. */
export function recordingName(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.wav`;
}
