/**
 * The little SIP that a phone needs to be told things out of dialog (RFC 3261, RFC 6665): reading a request, answering it.
 */

export interface SipRequest {
  method: string;
  uri: string;
  /** Header fields in their order, names in lower case and compact forms expanded. */
  headers: readonly (readonly [string, string])[];
  body: string;
}

/** RFC 3261, 7.3.3 and RFC 6665, 8.2.1. */
const COMPACT: Record<string, string> = {
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  s: 'subject',
  t: 'to',
  v: 'via',
};

/** The request in a datagram or a frame, or null where it is none (a response, a keep-alive, noise). */
export function parseSipRequest(text: string): SipRequest | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [start = '', ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const line = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  if (line === null) return null;
  const headers: [string, string][] = [];
  for (const field of lines) {
    const colon = field.indexOf(':');
    if (colon <= 0) return null;
    const name = field.slice(0, colon).trim().toLowerCase();
    headers.push([COMPACT[name] ?? name, field.slice(colon + 1).trim()]);
  }
  const body = text.slice(end + 4);
  const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? Buffer.byteLength(body));
  return {
    method: line[1]!,
    uri: line[2]!,
    headers,
    body: Buffer.from(body, 'utf8').subarray(0, length).toString('utf8'),
  };
}

export function sipHeader(request: SipRequest, name: string): string | undefined {
  return request.headers.find(([field]) => field === name)?.[1];
}

/** The Event header: its package in lower case, and its parameters. */
export function parseEvent(value: string): { event: string; params: ReadonlyMap<string, string> } {
  const [event = '', ...rest] = value.split(';').map((part) => part.trim());
  const params = rest
    .map((part) => part.split('='))
    .map(([key = '', given = '']) => [key.trim().toLowerCase(), given.trim().replace(/^"|"$/g, '')] as const);
  return { event: event.toLowerCase(), params: new Map(params) };
}

const REASONS: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  481: 'Call/Transaction Does Not Exist',
  489: 'Bad Event',
};

/** Writes the answer to a request: the headers RFC 3261 8.2.6 wants copied, a To tag, then `extra`. */
export function sipResponse(
  request: SipRequest,
  status: number,
  source: { address: string; port: number; tag: string; userAgent: string },
  extra: readonly (readonly [string, string])[] = [],
): string {
  const lines = [`SIP/2.0 ${status} ${REASONS[status] ?? 'Unknown'}`];
  let firstVia = true;
  for (const [name, value] of request.headers) {
    if (name === 'via') {
      lines.push(`Via: ${firstVia ? withReceived(value, source) : value}`);
      firstVia = false;
    }
  }
  lines.push(`From: ${sipHeader(request, 'from') ?? ''}`);
  const to = sipHeader(request, 'to') ?? '';
  lines.push(`To: ${/;\s*tag=/i.test(to) ? to : `${to};tag=${source.tag}`}`);
  lines.push(`Call-ID: ${sipHeader(request, 'call-id') ?? ''}`, `CSeq: ${sipHeader(request, 'cseq') ?? ''}`);
  for (const [name, value] of extra) lines.push(`${name}: ${value}`);
  lines.push(`User-Agent: ${source.userAgent}`, 'Content-Length: 0');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** RFC 3581: the topmost Via gets `received`, and `rport` where the sender asked for it. */
function withReceived(via: string, source: { address: string; port: number }): string {
  const filled = via.replace(/;\s*rport(?![=\w])/i, `;rport=${source.port}`);
  return `${filled};received=${source.address}`;
}
