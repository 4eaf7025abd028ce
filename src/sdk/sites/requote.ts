/**
 * The manual's own site file (B-06) puts JSON with bare quotes into a quoted cell, which is not CSV. This makes CSV of such
 * lines before they are read; every other byte passes as it is. It looks at bytes as Latin-1, so any encoding in which
 * ASCII is ASCII keeps its characters.
 */

/** A quoted cell whose JSON was not quoted: correct CSV would begin with `"{""`. */
const RAW = '"{"public-subnet-list"';
const LINE = /"(\{"public-subnet-list".*[\]}>])"/;

/** Passes the bytes on with raw JSON cells quoted. */
export async function* requoteSubnets(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = '';
  for await (const chunk of source) {
    const text = held + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    // The last line may go on in the next chunk; a header that never ends is not held back for ever.
    const end = text.lastIndexOf('\n') + 1;
    held = text.slice(end);
    if (end > 0) yield Buffer.from(requoted(text.slice(0, end)), 'latin1');
    if (held.length > LONGEST) {
      yield Buffer.from(requoted(held), 'latin1');
      held = '';
    }
  }
  if (held !== '') yield Buffer.from(requoted(held), 'latin1');
}

/** Beyond this a line is not one of ours. */
const LONGEST = 1 << 20;

function requoted(text: string): string {
  if (!text.includes(RAW)) return text;
  return text
    .split('\n')
    .map((line) =>
      line.includes(RAW) ? line.replace(LINE, (_, json: string) => `"${json.replaceAll('"', '""')}"`) : line,
    )
    .join('\n');
}
