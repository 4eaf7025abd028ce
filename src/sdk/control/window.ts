/**
 * The same work for many, so many at a time; results in the order in which they come. The next begins when any one ends,
 * so that a slow one holds up nobody. What is not read yet counts: who reads slowly is not flooded.
 */
export async function* inWindow<In, Out extends object>(
  items: Iterable<In>,
  size: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  for await (const piece of inPieces(items, size, work, 1)) yield* piece;
}

/** The same, for what costs by the piece: all that has come since the last piece was read, `most` at the most. */
export async function* inPieces<In, Out extends object>(
  items: Iterable<In>,
  size: number,
  work: (item: In) => Promise<Out>,
  most: number,
): AsyncGenerator<readonly Out[]> {
  const ready: Out[] = [];
  const failures: unknown[] = [];
  let flying = 0;
  let wake = Promise.withResolvers<void>();
  async function run(item: In): Promise<void> {
    try {
      ready.push(await work(item));
    } catch (error) {
      failures.push(error);
    }
    flying -= 1;
    wake.resolve();
  }
  const waiting = items[Symbol.iterator]();
  for (;;) {
    while (flying + ready.length < size) {
      const next = waiting.next();
      if (next.done === true) break;
      flying += 1;
      void run(next.value);
    }
    if (failures.length > 0) throw failures[0];
    if (ready.length > 0) yield ready.splice(0, most);
    else if (flying === 0) return;
    else {
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }
}
