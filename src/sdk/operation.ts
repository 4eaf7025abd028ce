/**
 * What an operation is: the unit of everything phonectl can do (design.md section 3).
 *
 * Modules under `operations/` export tables of these; `door.ts` is the only place that runs one.
 */
import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import type { OperationContext } from './context.ts';

/** What an operation does to the world; confirmation and recording depend on it. */
export type Effect = 'read' | 'write' | 'disruptive' | 'destructive';

interface Common<S extends GenericSchema> {
  /** One sentence in the third person; becomes the API's summary. */
  readonly summary: string;
  /** `noun:verb`, such as `device:read`. */
  readonly permission: string;
  readonly effect: Effect;
  /** Shape of the input; unknown keys are refused. */
  readonly input: S;
  /** True when a read shows secrets: it is then recorded like a write. */
  readonly reveals?: (input: InferOutput<S>) => boolean;
  /** About this machine (init, serve, lab, home): never offered remotely. */
  readonly local?: boolean;
}

export interface ValueOperation<S extends GenericSchema = GenericSchema, O = unknown> extends Common<S> {
  readonly kind: 'value';
  readonly run: (context: OperationContext, input: InferOutput<S>) => Promise<O>;
}

export interface StreamOperation<S extends GenericSchema = GenericSchema, O = unknown> extends Common<S> {
  readonly kind: 'stream';
  readonly run: (context: OperationContext, input: InferOutput<S>) => AsyncIterable<O>;
}

// The tables mix operations of many shapes; `never` inputs make them assignable to one type without `any`.
export type AnyOperation = Omit<Common<GenericSchema>, 'reveals'> & {
  readonly reveals?: (input: never) => boolean;
} & (
    | { readonly kind: 'value'; readonly run: (context: OperationContext, input: never) => Promise<unknown> }
    | { readonly kind: 'stream'; readonly run: (context: OperationContext, input: never) => AsyncIterable<unknown> }
  );

/** An operation whose result is one value. */
export function operation<S extends GenericSchema, O>(
  definition: Omit<ValueOperation<S, O>, 'kind'>,
): ValueOperation<S, O> {
  return { kind: 'value', ...definition };
}

/** An operation whose result is a sequence: lists, exports, progress. */
export function streamOperation<S extends GenericSchema, O>(
  definition: Omit<StreamOperation<S, O>, 'kind'>,
): StreamOperation<S, O> {
  return { kind: 'stream', ...definition };
}

/** Every operation by its name, such as `device.list`. */
export type OperationTable = ReadonlyMap<string, AnyOperation>;

export interface CallOptions {
  /** Aborts the operation; what was acknowledged stays. */
  signal?: AbortSignal;
  /** Hears how far a value operation has come (`context.progress`). */
  onProgress?: (event: unknown) => void;
  /** The write happens only if the object still has this version; otherwise it fails with `stale`. */
  ifVersion?: number;
}

/** The client's view of a table: `list(input)` instead of `{run, input, …}`. */
export type Client<T> = {
  readonly [K in keyof T]: T[K] extends ValueOperation<infer S, infer O>
    ? (input: InferInput<S>, options?: CallOptions) => Promise<O>
    : T[K] extends StreamOperation<infer S, infer O>
      ? (input: InferInput<S>, options?: CallOptions) => AsyncIterable<O>
      : never;
};
