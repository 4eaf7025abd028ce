/** Dry runs that tell the truth: the very same work, in a transaction that is taken back. */
import type { OperationContext, Recorded } from './context.ts';
import type { Repositories } from './ports/store.ts';

/** Carries the result of a rehearsal out of the transaction that it undoes. */
class Rehearsed<T> {
  readonly result: T;
  constructor(result: T) {
    this.result = result;
  }
}

/** `context.write`, or with `dryRun` the same work without any effect and without an entry in the operation log. */
export async function writeOrRehearse<T>(
  context: OperationContext,
  dryRun: boolean | undefined,
  work: (repositories: Repositories) => Promise<[T, Recorded]>,
): Promise<T> {
  if (dryRun !== true) return await context.write(work);
  context.signal.throwIfAborted();
  try {
    return await context.store.transaction(async (repositories) => {
      const [result] = await work(repositories);
      throw new Rehearsed(result);
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as T;
    throw error;
  }
}
