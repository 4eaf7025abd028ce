/** The main thread's side of the writer: a bounded queue in front of a thread, see `thread.ts`. */
import { Worker } from 'node:worker_threads';
import { assetPath } from '../../sdk/assets.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Fact, FactWriter, FactWriterStatistics } from '../../sdk/ports/facts.ts';
import type { Batch, Command, Failure, Reply, ThreadData } from './messages.ts';

/**
 * Facts wait this long (milliseconds) to be written together: a commit costs a disk flush however small it is, and
 * makes every reader look at the file again.
 */
const GATHER = 200;
/** `seen` facts of one device within this time are one. */
const SEEN_GATHER = 1_000;
const MOST_PENDING = 50_000;
/** How soon facts that a locked or full store refused are tried again (milliseconds). */
const AGAIN = 1_000;
/** So long does a phone's request wait for the store. */
const COMMAND_TIMEOUT = 5_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class ThreadFactWriter implements FactWriter {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #facts: Fact[] = [];
  readonly #seen = new Map<number, Fact & { type: 'seen' }>();
  #commands: { id: number; command: Command }[] = [];
  #nextId = 1;
  /** What the thread is writing. */
  readonly #sent: (readonly Fact[])[] = [];
  /** Whether some of what waits was refused before. */
  #kept = false;
  #timer: NodeJS.Timeout | undefined;
  #seenTimer: NodeJS.Timeout | undefined;
  #written = 0;
  #dropped = 0;
  #trouble: string | undefined;
  #closed = false;

  /** `lockTimeout`: how long a batch waits for another process's transaction; tests shorten it. */
  constructor(path: string, lockTimeout?: number) {
    const workerData: ThreadData = { path, ...(lockTimeout !== undefined && { lockTimeout }) };
    this.#worker = new Worker(threadFile(), { workerData });
    this.#worker.on('message', (reply: Reply) => this.#received(reply));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('error', (error) => this.#fail(error));
      this.#worker.on('exit', () => {
        this.#fail(new PhonectlError('unexpected', 'The thread that writes facts has ended.'));
        resolve();
      });
    });
  }

  note(fact: Fact): void {
    if (this.#closed || this.#pending() >= MOST_PENDING) {
      this.#dropped += 1;
      return;
    }
    if (fact.type === 'seen') {
      const known = this.#seen.get(fact.deviceId);
      if (known === undefined) this.#seen.set(fact.deviceId, fact);
      // The same phone again, as nearly always: what it says of itself was noted.
      else if (known.address !== fact.address || known.firmware !== fact.firmware || known.model !== fact.model) {
        this.#seen.set(fact.deviceId, { ...known, ...fact });
      }
      this.#seenTimer ??= setTimeout(() => this.#flushSeen(), SEEN_GATHER);
      return;
    }
    this.#facts.push(fact);
    this.#schedule(GATHER);
  }

  async addCredentials(credentials: Extract<Command, { type: 'add-credentials' }>['credentials']): Promise<void> {
    await this.#command({ type: 'add-credentials', credentials });
  }

  async bindEnrolment(enrolment: { deviceId: number; address: string; at: number }): Promise<boolean> {
    return (await this.#command({ type: 'bind-enrolment', ...enrolment })) === true;
  }

  async autoAdd(admission: Extract<Command, { type: 'auto-add' }>['admission']): Promise<number | undefined> {
    const id = await this.#command({ type: 'auto-add', admission });
    return typeof id === 'number' ? id : undefined;
  }

  async recordUpload(upload: Extract<Command, { type: 'record-upload' }>['upload']): Promise<void> {
    await this.#command({ type: 'record-upload', upload });
  }

  statistics(): FactWriterStatistics {
    return {
      pending: this.#pending(),
      written: this.#written,
      dropped: this.#dropped,
      trouble: this.#trouble,
    };
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#flushSeen();
      this.#send(true);
    }
    await this.#exited;
  }

  #command(command: Command): Promise<unknown> {
    if (this.#closed) return Promise.reject(new PhonectlError('conflict', 'The server is stopping.'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new PhonectlError('locked', 'The store did not take a write in time.'));
      }, COMMAND_TIMEOUT);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#commands.push({ id, command });
      this.#schedule(0);
    });
  }

  #schedule(delay: number): void {
    // One batch is under way at a time: what comes meanwhile goes together with the next.
    if (this.#sent.length > 0) return;
    if (delay > 0) {
      this.#timer ??= setTimeout(() => this.#send(), delay);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), 0);
  }

  #flushSeen(): void {
    clearTimeout(this.#seenTimer);
    this.#seenTimer = undefined;
    // While nothing can be written they stay one for each device, and take no place from what happens once.
    if (this.#kept && !this.#closed) {
      this.#seenTimer = setTimeout(() => this.#flushSeen(), SEEN_GATHER);
      return;
    }
    this.#facts.push(...this.#seen.values());
    this.#seen.clear();
    if (!this.#closed) this.#schedule(GATHER);
  }

  #send(last = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!last && (this.#sent.length > 0 || this.#facts.length + this.#commands.length === 0)) return;
    const kept = this.#kept && { kept: true };
    const batch: Batch = { facts: this.#facts, commands: this.#commands, ...kept, ...(last && { last }) };
    this.#sent.push(batch.facts);
    this.#facts = [];
    this.#commands = [];
    this.#worker.postMessage(batch);
  }

  #received(reply: Reply): void {
    const sent = this.#sent.shift() ?? [];
    if (reply.trouble !== undefined) this.#keep(sent, reply.trouble);
    else this.#kept = false;
    this.#written += reply.written;
    this.#dropped += reply.dropped;
    this.#trouble = reply.trouble?.message;
    for (const { id, value, failure } of reply.results) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) continue;
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      if (failure === undefined) waiting.resolve(value);
      else waiting.reject(new PhonectlError(failure.code, failure.message));
    }
    if (!this.#closed && this.#facts.length + this.#commands.length > 0) {
      const delay = reply.trouble === undefined ? GATHER : AGAIN;
      this.#schedule(this.#commands.length > 0 ? 0 : delay);
    }
  }

  /** Nothing of it was written: it goes first with the next, as long as there is one, and as it is the store's fault. */
  #keep(facts: readonly Fact[], { code }: Failure): void {
    if (this.#closed || code === 'unexpected') {
      this.#dropped += facts.length;
      return;
    }
    this.#facts = [...facts, ...this.#facts];
    this.#kept = true;
  }

  #pending(): number {
    return this.#facts.length + this.#seen.size + this.#sent.reduce((sum, { length }) => sum + length, 0);
  }

  #fail(error: unknown): void {
    this.#trouble ??= error instanceof Error ? error.message : String(error);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** The thread's own file: beside the bundle when phonectl runs from it, else from source or from the SDK's build. */
function threadFile(): string {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const source = assetPath('src', 'store', 'facts', 'thread.ts');
  // The bundle is CommonJS and has `__filename`; ES modules, as source or as built SDK, have not.
  const bundled = typeof __filename === 'string';
  return !bundled && existsSync(source) ? source : assetPath('dist', 'fact-thread.cjs');
}
