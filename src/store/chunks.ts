/** Rows or ids that one statement carries: SQLite takes 32,766 bound values, and shorter statements are reused. */
const CHUNK = 500;

/** Cuts a list for statements that bind a value for each item. */
export function* chunked<T>(items: readonly T[], size = CHUNK): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
