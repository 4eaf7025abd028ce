/** Small helpers around the sequences of the SDK. */

/** All of a sequence. */
export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** A text as the bytes that an import takes. */
export async function* bytes(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** The text of an export. */
export async function textOf(chunks: AsyncIterable<string | Uint8Array>): Promise<string> {
  return (await all(chunks)).map(String).join('');
}

/** What `assert.rejects` compares with: the code of our error, and a pattern for its message. */
export function failsWith(code: string, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code && message.test(error.message);
}
