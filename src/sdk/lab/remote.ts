/**
 * How `lab status` and `lab stop` reach a lab in another process: a socket in the home, one JSON answer a connection.
 * Only the home's owner can open it.
 */
import type { Server, Socket } from 'node:net';
import type { LabPhoneStatus } from '../../lab/types.ts';
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';

export interface LabReport {
  readonly pid: number;
  readonly server: string;
  readonly startedAt: string;
  readonly phones: readonly LabPhoneStatus[];
}

export interface LabListener {
  close(): Promise<void>;
}

/** Names of Unix sockets end at about 100 bytes; a deep home gets its socket in the temporary folder instead. */
function socketPath(home: Home): string {
  const { join } = process.getBuiltinModule('node:path');
  const { tmpdir } = process.getBuiltinModule('node:os');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const path = home.file('run', 'lab.sock');
  if (Buffer.byteLength(path) < 100) return path;
  const name = createHash('sha256').update(home.path).digest('hex').slice(0, 16);
  return join(tmpdir(), `phonectl-lab-${name}.sock`);
}

/** Answers `status` and `stop`. Throws `conflict` when a lab of this home is running already. */
export async function listen(home: Home, answers: { status(): LabReport; stop(): void }): Promise<LabListener> {
  if ((await ask(home, 'status')) !== undefined) {
    throw new PhonectlError('conflict', 'A lab of this home is running already.', {
      hints: ['Look at it with `phonectl lab status`, end it with `phonectl lab stop`.'],
    });
  }
  const { mkdirSync, rmSync, chmodSync } = process.getBuiltinModule('node:fs');
  const { createServer } = process.getBuiltinModule('node:net');
  const path = socketPath(home);
  mkdirSync(home.file('run'), { recursive: true, mode: 0o700 });
  // Nobody answered: what lies there is the rest of a lab that was killed.
  rmSync(path, { force: true });
  const server = createServer((socket) => answer(socket, answers));
  await opened(server, path);
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function opened(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function answer(socket: Socket, answers: { status(): LabReport; stop(): void }): void {
  socket.setEncoding('utf8');
  // A client that goes away in the middle is no concern of the lab.
  socket.on('error', () => socket.destroy());
  socket.once('data', (line: string) => {
    const question = line.trim();
    if (question === 'stop') {
      socket.end('{}\n');
      answers.stop();
      return;
    }
    socket.end(`${JSON.stringify(answers.status())}\n`);
  });
}

/** `undefined` when no lab of this home is running. */
export function ask(home: Home, question: 'status' | 'stop'): Promise<LabReport | undefined> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(socketPath(home));
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${question}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(JSON.parse(text) as LabReport));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
  });
}
