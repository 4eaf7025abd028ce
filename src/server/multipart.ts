/** The one file in a form that a phone posts (RFC 7578): Cisco problem reports come so (cisco.md 10). */

/** Heads of parts are short. */
const LONGEST_HEAD = 8_192;
const HEAD_END = '\r\n\r\n';

/** Boundary of a multipart body; `undefined` for any other content type. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? '');
  return match?.[1] ?? match?.[2];
}

/** The bytes of the first part that is a file; nothing where there is none. The rest is read and left. */
export async function* filePart(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const mark = Buffer.from(`\r\n--${boundary}`);
  // Before the first boundary no line needs to end.
  let rest: Buffer = Buffer.from('\r\n');
  let state: 'before' | 'file' | 'after' = 'before';
  for await (const chunk of body) {
    if (state === 'after') continue;
    rest = Buffer.concat([rest, chunk]);
    for (let more = true; more; ) {
      const at = rest.indexOf(mark);
      more = false;
      if (state === 'file') {
        // What may be the beginning of the mark waits for the next chunk.
        const end = at < 0 ? Math.max(0, rest.length - mark.length) : at;
        if (end > 0) yield rest.subarray(0, end);
        rest = rest.subarray(end);
        if (at >= 0) state = 'after';
        continue;
      }
      if (at < 0) {
        rest = rest.subarray(Math.max(0, rest.length - mark.length));
        continue;
      }
      const head = rest.indexOf(HEAD_END, at + mark.length);
      if (head < 0) {
        rest = rest.subarray(at);
        if (rest.length > LONGEST_HEAD) state = 'after';
        continue;
      }
      if (/\bfilename=/i.test(rest.toString('latin1', at, head))) state = 'file';
      // The line break that ends the head may begin the next mark, where a part is empty.
      rest = rest.subarray(head + HEAD_END.length - 2);
      if (state === 'file') rest = rest.subarray(2);
      more = true;
    }
  }
}
