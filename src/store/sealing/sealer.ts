/** The main thread's side of sealing in bulk. */
import type { Worker } from 'node:worker_threads';
import { assetPath } from '../../sdk/assets.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { BulkSealer, ToSeal } from '../../sdk/ports/secrets.ts';
import type { Reply, Request, ThreadData } from './messages.ts';

/** Fewer values are sealed here: starting a thread takes as long as sealing some thousands. */
const WORTH_A_THREAD = 5_000;

interface Waiting {
  readonly resolve: (sealed: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
}

export class ThreadSealer implements BulkSealer {
  readonly #key: Uint8Array;
  readonly #seal: (plain: string, row: string) => Uint8Array;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #sealed = 0;

  constructor(key: Uint8Array, seal: (plain: string, row: string) => Uint8Array) {
    this.#key = key;
    this.#seal = seal;
  }

  async seal(values: readonly ToSeal[]): Promise<readonly string[]> {
    this.#sealed += values.length;
    if (this.#sealed < WORTH_A_THREAD) {
      return values.map(({ plain, row }) => Buffer.from(this.#seal(plain, row)).toString('base64'));
    }
    this.#worker ??= this.#start();
    const request: Request = { plains: values.map(({ plain }) => plain), rows: values.map(({ row }) => row) };
    this.#worker.postMessage(request);
    return await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #start(): Worker {
    const { Worker: Thread } = process.getBuiltinModule('node:worker_threads');
    const workerData: ThreadData = { key: this.#key };
    // Its garbage is strings that live for a moment: small heaps keep it from being hoarded.
    const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 48 };
    const worker = new Thread(threadFile(), { workerData, resourceLimits });
    worker.on('message', (reply: Reply) => this.#waiting.shift()?.resolve(reply.split('\n')));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new PhonectlError('unexpected', 'The thread that seals secrets has ended.')));
    return worker;
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

function threadFile(): string {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const source = assetPath('src', 'store', 'sealing', 'thread.ts');
  // The bundle is CommonJS and has `__filename`; ES modules, as source or as built SDK, have not.
  const bundled = typeof __filename === 'string';
  return !bundled && existsSync(source) ? source : assetPath('dist', 'sealing-thread.cjs');
}
