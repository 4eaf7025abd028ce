/**
 * The SIP listeners of the phones, UDP and TCP, each on its phone's own address. They answer NOTIFY out of dialog
 * (neutral.md 1); every other method is refused.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { addressError } from './control-hub.ts';
import type { Packet } from './pcap.ts';
import { parseSipRequest, type SipRequest, sipHeader, sipResponse } from './sip-message.ts';
import type { LabFaults } from './types.ts';

/** How a phone takes a request: the status and what it does once the answer is out. */
export interface SipOutcome {
  status: number;
  headers?: (readonly [string, string])[];
  after?: () => void;
}

export interface SipTarget {
  readonly mac: string;
  readonly address: string;
  readonly faults: LabFaults;
  readonly sipUserAgent: string;
  sip(request: SipRequest, remoteAddress: string): SipOutcome;
  /** Everything that came to its SIP interface or left it, for phones that capture packets. */
  packet?(packet: Packet): void;
}

interface Endpoint {
  target: SipTarget;
  port: number;
  udp: dgram.Socket;
  tcp: net.Server;
  sockets: Set<net.Socket>;
  /** Answers of the last requests, so that a retransmission gets the same answer and does nothing twice (RFC 3261, 17.2). */
  answered: Map<string, string>;
}

const REMEMBERED_ANSWERS = 8;
const LARGEST_MESSAGE = 65_535;

export class SipHub {
  readonly #endpoints = new Map<string, Endpoint>();

  /** Opens UDP and TCP on the phone's address. Returns the port, the same for both. */
  async open(target: SipTarget, port: number): Promise<number> {
    const endpoint: Endpoint = {
      target,
      port,
      udp: dgram.createSocket('udp4'),
      tcp: net.createServer(),
      sockets: new Set(),
      answered: new Map(),
    };
    const bound = await bindBoth(endpoint, port);
    endpoint.port = bound;
    this.#endpoints.set(target.mac, endpoint);
    endpoint.udp.on('message', (message, from) => {
      this.#handle(endpoint, message.toString('utf8'), { ...from, protocol: 'udp' }, (answer, sent) =>
        endpoint.udp.send(answer, from.port, from.address, sent),
      );
    });
    // A sender that is gone answers with ICMP; a phone ignores it.
    endpoint.udp.on('error', () => {});
    endpoint.tcp.on('connection', (socket) => this.#accept(endpoint, socket));
    return bound;
  }

  close(mac: string): void {
    const endpoint = this.#endpoints.get(mac);
    if (endpoint === undefined) return;
    this.#endpoints.delete(mac);
    endpoint.udp.close();
    endpoint.tcp.close();
    for (const socket of endpoint.sockets) socket.destroy();
  }

  stop(): void {
    for (const mac of [...this.#endpoints.keys()]) this.close(mac);
  }

  #accept(endpoint: Endpoint, socket: net.Socket): void {
    endpoint.sockets.add(socket);
    socket.setTimeout(60_000, () => socket.destroy());
    socket.on('close', () => endpoint.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let size = frameLength(pending); size !== null && size <= pending.length; size = frameLength(pending)) {
        const text = pending.subarray(0, size).toString('utf8');
        pending = pending.subarray(size);
        const from = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0, protocol: 'tcp' } as const;
        this.#handle(endpoint, text, from, (answer, sent) => socket.write(answer, sent));
      }
      if (pending.length > LARGEST_MESSAGE) socket.destroy();
    });
  }

  #handle(
    endpoint: Endpoint,
    text: string,
    from: { address: string; port: number; protocol: Packet['protocol'] },
    reply: (answer: string, sent?: () => void) => void,
  ): void {
    const { target, answered } = endpoint;
    const own = { address: target.address, port: endpoint.port };
    const { protocol } = from;
    target.packet?.({ protocol, from, to: own, payload: Buffer.from(text, 'utf8') });
    function send(answer: string, sent?: () => void): void {
      target.packet?.({ protocol, from: own, to: from, payload: Buffer.from(answer, 'utf8') });
      reply(answer, sent);
    }
    const request = parseSipRequest(text);
    if (request === null || request.method === 'ACK' || target.faults.hang === true) return;
    const key = [sipHeader(request, 'via'), sipHeader(request, 'call-id'), sipHeader(request, 'cseq')].join('\n');
    const earlier = answered.get(key);
    if (earlier !== undefined) {
      send(earlier);
      return;
    }
    const outcome = target.sip(request, from.address);
    const source = { ...from, tag: target.mac, userAgent: target.sipUserAgent };
    const answer = sipResponse(request, outcome.status, source, outcome.headers);
    answered.set(key, answer);
    if (answered.size > REMEMBERED_ANSWERS) {
      const [oldest] = answered.keys();
      if (oldest !== undefined) answered.delete(oldest);
    }
    setTimeout(() => {
      // The phone may have gone down meanwhile.
      if (this.#endpoints.get(target.mac) === endpoint) send(answer, () => outcome.after?.());
    }, target.faults.slow ?? 0);
  }
}

/** The size of the first message in a TCP stream, or null while its header is not complete (RFC 3261, 18.3). */
function frameLength(bytes: Buffer): number | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const length = /^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(bytes.subarray(0, end).toString('latin1'));
  return end + 4 + Number(length?.[1] ?? 0);
}

async function bindBoth(endpoint: Endpoint, port: number): Promise<number> {
  const { udp, tcp, target } = endpoint;
  const { address } = target;
  try {
    await listening(tcp, () => tcp.listen({ host: address, port }));
    const bound = (tcp.address() as net.AddressInfo).port;
    await listening(udp, () => udp.bind({ address, port: bound, exclusive: true }));
    return bound;
  } catch (error) {
    tcp.close();
    udp.close();
    throw addressError(error, address, port);
  }
}

function listening(emitter: NodeJS.EventEmitter, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    function settle(error?: unknown): void {
      emitter.off('error', settle);
      emitter.off('listening', settle);
      if (error === undefined) resolve();
      else reject(error);
    }
    emitter.once('error', settle);
    emitter.once('listening', () => settle());
    start();
  });
}
