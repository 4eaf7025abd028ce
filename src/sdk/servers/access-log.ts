/** The access log: one JSON object per line, whatever a phone sent (security.md I-07). */
import type { WriteStream } from 'node:fs';
import type { AccessEntry } from '../../server/server.ts';
import { PhonectlError } from '../errors.ts';

export interface AccessLog {
  write(entry: AccessEntry): void;
  close(): Promise<void>;
}

/** Lines that wait for a slow disk; beyond these, lines are lost rather than memory. */
const MOST_WAITING = 16 * 1024 * 1024;

/** Appends to a file (0600). Throws `conflict` when it cannot be written. */
export async function openAccessLog(path: string, onTrouble: (message: string) => void): Promise<AccessLog> {
  const { createWriteStream } = process.getBuiltinModule('node:fs');
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await opened(stream, path);
  let lost = 0;
  stream.on('error', (error) => onTrouble(`The access log ${path} cannot be written: ${error.message}`));
  return {
    write(entry) {
      if (stream.writableLength > MOST_WAITING) {
        lost += 1;
        if (lost === 1) onTrouble(`The access log ${path} does not keep up; lines are lost.`);
        return;
      }
      stream.write(`${JSON.stringify(entry)}\n`);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

async function opened(stream: WriteStream, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (cause: Error) => {
      reject(new PhonectlError('conflict', `The access log ${path} cannot be opened: ${cause.message}.`, { cause }));
    });
  });
}
