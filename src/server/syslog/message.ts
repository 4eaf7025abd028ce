/** Syslog messages as phones send them: RFC 5424, RFC 3164, and what comes near (neutral.md section 4, cisco.md 11). */
import { parseMac } from '../../domain/mac.ts';

export interface SyslogMessage {
  /** 0 (emergency) to 7 (debug); null without a priority. */
  readonly severity: number | null;
  /** What may be the MAC of its phone, twelve lower-case hex digits each; a time of twelve digits may be among them. */
  readonly macs: readonly string[];
  /** Without priority, in one line, without control characters. */
  readonly text: string;
}

/** Longer messages are cut; RFC 5424 wants 2048 to be taken at least. Bytes. */
export const LONGEST_MESSAGE = 8192;

const PRIORITY = /^<(\d{1,3})>(?:1 )?/;
/** Poly writes it bare, Cisco with colons after the product or as `Syslog_Identifier`, Yealink in brackets. */
const MAC = /(?:^|[^0-9A-Za-z])((?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{12})(?![0-9A-Za-z:])/gi;
/** Where a phone names itself; what comes after may speak of other phones. */
const HEAD = 160;

export function parseSyslog(bytes: Uint8Array): SyslogMessage {
  const raw = new TextDecoder().decode(bytes.subarray(0, LONGEST_MESSAGE));
  const priority = PRIORITY.exec(raw);
  const number = Number(priority?.[1] ?? Number.NaN);
  const text = raw
    .slice(priority?.[0].length ?? 0)
    .replace(/[\r\n\0]+$/, '')
    .replace(/\p{Cc}/gu, ' ');
  return { severity: number <= 191 ? number % 8 : null, macs: macsIn(text.slice(0, HEAD)), text };
}

function macsIn(text: string): readonly string[] {
  return [...text.matchAll(MAC)].flatMap(([, candidate = '']) => parseMac(candidate) ?? []).slice(0, 4);
}

/** Divides a stream into messages: counted (RFC 6587 3.4.1) or ended by a line break (3.4.2). */
export class SyslogFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** `undefined` when the sender keeps to no framing: more than a message without an end. */
  push(chunk: Uint8Array): readonly Uint8Array[] | undefined {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const found: Uint8Array[] = [];
    for (;;) {
      const counted = /^(\d{1,5}) (?=<)/.exec(this.#rest.toString('latin1', 0, 8));
      const start = counted?.[0].length ?? 0;
      const end = counted === null ? this.#rest.indexOf(10) : start + Number(counted[1]);
      if (end < 0 || end > this.#rest.length) break;
      if (end > start) found.push(this.#rest.subarray(start, end));
      this.#rest = this.#rest.subarray(counted === null ? end + 1 : end);
    }
    return this.#rest.length > 4 * LONGEST_MESSAGE ? undefined : found;
  }
}
