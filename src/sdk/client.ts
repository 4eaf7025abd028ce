/**
 * The typed face of the door: namespaces of methods over tables of operations. Tables are loaded when a method is first
 * called, so that a script that lists devices never loads the code that imports them.
 */
import { type Call, type Caller, callStream, callValue, type Installation } from './door.ts';
import { PhonectlError } from './errors.ts';
import type { AnyOperation, CallOptions, Client } from './operation.ts';

type Table = Readonly<Record<string, AnyOperation>>;

/** How calls reach the door: in this process, or later over HTTPS. */
export interface Connection {
  value(name: string, table: () => Promise<Table>, input: unknown, options?: CallOptions): Promise<unknown>;
  stream(name: string, table: () => Promise<Table>, input: unknown, options?: CallOptions): AsyncIterable<unknown>;
}

/**
 * A namespace whose methods work before their table is loaded. Whether a method gives a promise or a sequence is known
 * only then, so a call is both; the types show the caller the right one.
 */
export function namespace<T extends Record<keyof T, unknown>>(
  noun: string,
  load: () => Promise<T>,
  connection: Connection,
): Client<T> {
  const table = load as unknown as () => Promise<Table>;
  return new Proxy(Object.create(null) as object, {
    get(_, verb) {
      // `then` must stay undefined, or awaiting the namespace itself would call it.
      if (typeof verb !== 'string' || verb === 'then') return undefined;
      const name = `${noun}.${verb}`;
      return (input: unknown, options?: CallOptions) => new PendingCall(connection, name, table, input ?? {}, options);
    },
  }) as Client<T>;
}

class PendingCall implements PromiseLike<unknown>, AsyncIterable<unknown> {
  readonly #start: () => Promise<unknown>;
  readonly #iterate: () => AsyncIterable<unknown>;
  #promise: Promise<unknown> | undefined;

  constructor(
    connection: Connection,
    name: string,
    table: () => Promise<Table>,
    input: unknown,
    options: CallOptions | undefined,
  ) {
    this.#start = () => connection.value(name, table, input, options);
    this.#iterate = () => connection.stream(name, table, input, options);
  }

  // biome-ignore lint/suspicious/noThenProperty: a call is awaited like a promise; see the namespace above.
  then<A, B>(
    resolve?: ((value: unknown) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#promise ??= this.#start();
    return this.#promise.then(resolve, reject);
  }

  catch<B>(reject: (reason: unknown) => B | PromiseLike<B>): Promise<unknown> {
    return this.then(undefined, reject);
  }

  finally(done: () => void): Promise<unknown> {
    return this.then().finally(done);
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this.#iterate()[Symbol.asyncIterator]();
  }
}

/** Calls in this process, through an installation that is opened at the first call. */
export function localConnection(open: () => Promise<Installation>, caller: Caller): Connection {
  async function call(
    name: string,
    table: () => Promise<Table>,
    input: unknown,
    options?: CallOptions,
  ): Promise<[Installation, Call]> {
    const [installation, operations] = await Promise.all([open(), table()]);
    const verb = name.slice(name.indexOf('.') + 1);
    const operation = Object.hasOwn(operations, verb) ? operations[verb] : undefined;
    if (operation === undefined) throw new PhonectlError('unexpected', `There is no operation ${name}.`);
    return [installation, { name, operation, input, caller, ...(options && { options }) }];
  }
  return {
    async value(name, table, input, options) {
      const [installation, made] = await call(name, table, input, options);
      // Returning a sequence from an async function awaits it: it then comes out as itself, still unread.
      return made.operation.kind === 'stream' ? callStream(installation, made) : callValue(installation, made);
    },
    async *stream(name, table, input, options) {
      yield* callStream(...(await call(name, table, input, options)));
    },
  };
}
