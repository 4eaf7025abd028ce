/** Sends a NOTIFY outside a dialogue to a phone (neutral.md section 1) over UDP or TCP and answers its challenge. */
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket as TcpSocket } from 'node:net';
import { PhonectlError } from '../../sdk/errors.ts';
import type { SipNotify, SipResult } from '../../vendors/transport.ts';
import { connectError } from '../connect.ts';
import { authorization, chooseChallenge, isStale, parseChallenges } from '../digest.ts';
import { escapeUser, formatRequest, frameLength, header, type SipMessage } from './message.ts';
import { type Channel, type Timers, transact } from './transaction.ts';

interface OpenChannel extends Channel {
  /** Our own address as the peer sees it without NAT: `192.0.2.10:5060`. */
  readonly local: string;
  close(): void;
}

/** Runs a NOTIFY to its final answer, whatever its status. Throws `timeout` or `unreachable`. */
export async function notify(request: SipNotify, timers?: Timers): Promise<SipResult> {
  request.signal.throwIfAborted();
  const channel = request.protocol === 'tcp' ? await openTcp(request) : await openUdp(request);
  try {
    return await converse(request, channel, timers);
  } finally {
    channel.close();
  }
}

async function converse(request: SipNotify, channel: OpenChannel, timers: Timers | undefined): Promise<SipResult> {
  const dialogue = new Dialogue(request, channel.local);
  for (let attempt = 0; ; attempt++) {
    const { bytes, branch, cseq } = dialogue.next();
    const answer = await transact(channel, {
      request: bytes,
      branch,
      cseq,
      signal: request.signal,
      ...(timers && { timers }),
    });
    const { start } = answer;
    if (start.kind !== 'response') throw new PhonectlError('unexpected', 'A SIP transaction ended with a request.');
    // One answer to the challenge, one more when only the nonce was too old.
    if (attempt < 2 && dialogue.answerChallenge(answer, start.status)) continue;
    return { status: start.status, reason: start.reason.slice(0, 200) };
  }
}

/** What stays the same and what changes between the tries of one NOTIFY. */
class Dialogue {
  readonly #request: SipNotify;
  readonly #local: string;
  readonly #uri: string;
  readonly #callId: string;
  readonly #tag = random(8);
  #sequence = 0;
  #credentials: readonly [name: string, value: string] | undefined;

  constructor(request: SipNotify, local: string) {
    this.#request = request;
    this.#local = local;
    this.#uri = `sip:${escapeUser(request.user)}@${bracketed(request.host)}:${request.port}`;
    this.#callId = `${random(16)}@${local.replace(/:\d+$/, '')}`;
  }

  next(): { bytes: Buffer; branch: string; cseq: string } {
    const { user, domain, event, protocol, contentType, body } = this.#request;
    this.#sequence += 1;
    // Every try is a new transaction: new branch, CSeq + 1 (RFC 3261 section 22.2).
    const branch = `z9hG4bK-pc-${random(8)}`;
    const cseq = `${this.#sequence} NOTIFY`;
    const bytes = formatRequest({
      method: 'NOTIFY',
      uri: this.#uri,
      headers: [
        ['Via', `SIP/2.0/${protocol.toUpperCase()} ${this.#local};branch=${branch};rport`],
        ['Max-Forwards', '70'],
        ['From', `<sip:phonectl@${domain}>;tag=${this.#tag}`],
        ['To', `<sip:${escapeUser(user)}@${domain}>`],
        ['Call-ID', this.#callId],
        ['CSeq', cseq],
        ['Contact', `<sip:phonectl@${this.#local}${protocol === 'tcp' ? ';transport=tcp' : ''}>`],
        ['Event', event],
        // RFC 6665 section 4.1.3: every NOTIFY carries it.
        ['Subscription-State', 'active'],
        ['User-Agent', 'phonectl'],
        ...(this.#credentials === undefined ? [] : [this.#credentials]),
        ...(contentType === undefined ? [] : [['Content-Type', contentType] as const]),
      ],
      ...(body !== undefined && { body }),
    });
    return { bytes, branch, cseq };
  }

  /** True when the answer was a challenge and the next try will answer it. */
  answerChallenge(answer: SipMessage, status: number): boolean {
    const { auth } = this.#request;
    if ((status !== 401 && status !== 407) || auth === undefined) return false;
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const offers = answer.headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
    const challenge = chooseChallenge(parseChallenges(offers.join(', ')));
    // RFC 3261 section 22: Basic is not spoken in SIP.
    if (challenge === undefined || challenge.scheme !== 'digest') return false;
    if (this.#credentials !== undefined && !isStale(challenge)) return false;
    const value = authorization(challenge, auth, { method: 'NOTIFY', uri: this.#uri, count: 1 });
    this.#credentials = [status === 401 ? 'Authorization' : 'Proxy-Authorization', value];
    return header(answer, 'call-id') === this.#callId;
  }
}

function random(bytes: number): string {
  return process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex');
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

async function openUdp({ host, port, signal }: SipNotify): Promise<OpenChannel> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    // Connected: only this peer's packets arrive, and a closed port is an error at once instead of 32 s of silence.
    await connected(socket, signal, () => socket.connect(port, host));
  } catch (error) {
    socket.close();
    throw signal.aborted ? signal.reason : connectError(error as Error, host, port, false);
  }
  const { address, port: localPort } = socket.address();
  return {
    reliable: false,
    local: `${bracketed(address)}:${localPort}`,
    send: (bytes) => socket.send(bytes),
    onMessage: (listener) => void socket.removeAllListeners('message').on('message', listener),
    onError: (listener) => {
      socket.removeAllListeners('error').on('error', (error) => {
        // A refused packet came back as ICMP: nobody has read it.
        const refused = 'code' in error && error.code === 'ECONNREFUSED';
        listener(connectError(error, host, port, !refused));
      });
    },
    close: () => socket.close(),
  };
}

async function openTcp({ host, port, signal }: SipNotify): Promise<OpenChannel> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect({ host, port, noDelay: true });
  try {
    await connected(socket, signal, () => undefined);
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : connectError(error as Error, host, port, false);
  }
  return {
    reliable: true,
    local: `${bracketed(socket.localAddress ?? '')}:${socket.localPort ?? 0}`,
    send: (bytes) => void socket.write(bytes),
    onMessage: (listener) => readFrames(socket, listener),
    onError: (listener) => {
      socket.removeAllListeners('error').on('error', (error) => listener(connectError(error, host, port, true)));
      socket.removeAllListeners('end').on('end', () => {
        listener(new PhonectlError('unreachable', `${host}:${port} closed the SIP connection without an answer.`));
      });
    },
    close: () => socket.destroy(),
  };
}

function connected(socket: UdpSocket | TcpSocket, signal: AbortSignal, start: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('error', reject);
  socket.once('connect', resolve);
  start();
  return promise.finally(() => {
    signal.removeEventListener('abort', abort);
    socket.off('error', reject);
  });
}

/** Splits a stream into messages by Content-Length (RFC 3261 section 18.3); what is no SIP ends the connection. */
function readFrames(socket: TcpSocket, listener: (bytes: Buffer) => void): void {
  let buffered = Buffer.alloc(0);
  socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const length = frameLength(buffered);
      if (length === undefined) return void socket.destroy(new Error('not SIP'));
      if (length === 0) return;
      listener(buffered.subarray(0, length));
      buffered = buffered.subarray(length);
    }
  });
}
