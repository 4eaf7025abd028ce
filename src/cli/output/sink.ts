/** stdout as commands write to it: in large pieces, no faster than the reader reads, silent when the reader has gone. */
import type { Writable } from 'node:stream';
import { PhonectlError } from '../../sdk/errors.ts';

/** The reader of our output has gone (`| head`). Not an error: the command ends silently with what it has reached. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

const BUFFER = 64 * 1024;

/** Collects small pieces and writes them in large ones, waiting for the reader: memory stays flat. */
export class Output {
  readonly #stream: Writable;
  #pending: string[] = [];
  #size = 0;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    // oclif's own listener swallows EPIPE and makes every other failure of stdout an uncaught exception.
    stream.removeAllListeners('error');
    stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Adds text; returns a promise only when something was written out, to keep the common case cheap. */
  write(text: string): Promise<void> | undefined {
    this.#pending.push(text);
    this.#size += text.length;
    return this.#size >= BUFFER ? this.flush() : undefined;
  }

  line(text: string): Promise<void> | undefined {
    return this.write(`${text}\n`);
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.#put(bytes);
  }

  /** Waits until everything is with the reader. Throws {@link OutputClosed} when the reader has gone. */
  async flush(): Promise<void> {
    if (this.#size === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#size = 0;
    await this.#put(text);
  }

  #put(chunk: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null | undefined): void => {
        const failure = error ?? this.#failure;
        if (failure) reject(toOutputError(failure));
        else resolve();
      };
      if (this.#failure) settle(this.#failure);
      else this.#stream.write(chunk, settle);
    });
  }
}

function toOutputError(error: Error): Error {
  if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) return new OutputClosed();
  if ('code' in error && error.code === 'ENOSPC') {
    return new PhonectlError('disk_full', 'The answer could not be written: no space left.', { cause: error });
  }
  return error;
}
