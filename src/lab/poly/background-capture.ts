/** The packets that a Poly phone keeps in the background, and their upload (poly.md A.5). */
import { gzipSync } from 'node:zlib';
import type { Call } from '../calls.ts';
import { callPackets, type SeenCall, type TimedPacket } from '../media.ts';
import { frame, type Packet, pcapFile } from '../pcap.ts';
import { tar } from '../tar.ts';
import { isTrue } from './config.ts';
import type { PolyPhone } from './phone.ts';

/** Without a size of its own; kilobytes. */
const DEFAULT_BUFFER = 2048;
/** Calls that have ended and whose packets may still be in the buffer. */
const MOST_CALLS = 50;
/** Bytes of a packet of voice on the wire. */
const VOICE_FRAME = 214;
/** Where a phone begins to look for ports for voice. */
const FIRST_VOICE_PORT = 2222;
/** What the names of SIP servers would lead to, and who answers outside of the lab (RFC 5737). */
const SOMEWHERE = '192.0.2.60';

export class BackgroundCapture {
  readonly #phone: PolyPhone;
  #packets: TimedPacket[] = [];
  #size = 0;
  #ended: SeenCall[] = [];
  /** Milliseconds since the epoch; undefined while it is off. */
  #since: number | undefined;

  constructor(phone: PolyPhone) {
    this.#phone = phone;
  }

  get isOn(): boolean {
    const { parameters } = this.#phone;
    return isTrue(parameters.get('diags.pcap.enabled')) && isTrue(parameters.get('diags.pcap.background.enabled'));
  }

  /** Begins or ends, as the parameters have it now. */
  settle(): void {
    if (this.isOn) this.#since ??= Date.now();
    else this.forget();
  }

  /** A ring: the oldest packets go first. */
  take(packet: Packet): void {
    this.settle();
    if (!this.isOn || !fits(packet, this.#phone.parameters.text('diags.pcap.background.filter'))) return;
    this.#packets.push({ at: Date.now(), packet });
    this.#size += packet.payload.length;
    while (this.#size > this.#room && this.#packets.length > 0)
      this.#size -= this.#packets.shift()?.packet.payload.length ?? 0;
  }

  /** A call is over: what it sent is still in the buffer. */
  remember(call: Call): void {
    if (this.#since === undefined) return;
    this.#ended.push(this.#seen(call, Date.now()));
    if (this.#ended.length > MOST_CALLS) this.#ended.shift();
  }

  /** As phones pack it: `<mac>_<YYYY.MM.DD>_<hhmmss>.pcap.tar.gz` (ledger DIAG-15). */
  packed(): Buffer {
    const [date = '', time = ''] = new Date().toISOString().split('T');
    const name = `${this.#phone.mac}_${date.replaceAll('-', '.')}_${time.slice(0, 8).replaceAll(':', '')}.pcap`;
    return gzipSync(tar(name, pcapFile(this.#frames())));
  }

  forget(): void {
    this.#packets = [];
    this.#size = 0;
    this.#ended = [];
    this.#since = undefined;
  }

  get #room(): number {
    return (Number(this.#phone.parameters.text('diags.pcap.background.bufferSize')) || DEFAULT_BUFFER) * 1024;
  }

  /** What the filter lets through, in order of time, the newest that have room. */
  #frames(): readonly { readonly at: number; readonly bytes: Buffer }[] {
    const filter = this.#phone.parameters.text('diags.pcap.background.filter');
    const now = Date.now();
    const since = this.#since ?? now;
    const mostVoice = Math.floor(this.#room / VOICE_FRAME / 2);
    const calls = [...this.#ended, ...this.#phone.calls.active.map((call) => this.#seen(call, null))];
    const voice = calls.flatMap((call) => callPackets(call, since, now, mostVoice));
    const wanted = [...this.#packets, ...voice]
      .filter(({ packet }) => fits(packet, filter))
      .sort((a, b) => a.at - b.at);
    const sent = new Map<string, number>();
    const frames = wanted.map(({ at, packet }) => ({ at, bytes: frame(packet, count(sent, packet)) }));
    let left = this.#room;
    const first = frames.findLastIndex(({ bytes }) => {
      left -= bytes.length;
      return left < 0;
    });
    return frames.slice(first + 1);
  }

  #seen(call: Call, endedAt: number | null): SeenCall {
    const { address, sipPort, sipUserAgent, lines } = this.#phone;
    const line = lines.find((each) => each.line === call.line);
    const server = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(line?.server ?? '') ? (line?.server ?? SOMEWHERE) : SOMEWHERE;
    // Two calls of one phone have two ports; even ones (RFC 3550, 11).
    const port = FIRST_VOICE_PORT + 2 * (call.sequence % 100);
    return {
      call: { ...call },
      user: line?.user ?? '',
      sip: { address, port: sipPort },
      voice: { address, port },
      userAgent: sipUserAgent,
      server: { address: server, port: 5060 },
      peerVoice: { address: call.peer?.phone.address ?? SOMEWHERE, port: port + 10_000 },
      endedAt,
    };
  }
}

/** Bytes that went each way between two TCP endpoints before this packet. */
function count(sent: Map<string, number>, { protocol, from, to, payload }: Packet): { here: number; there: number } {
  if (protocol === 'udp') return { here: 0, there: 0 };
  const way = (a: Packet['from'], b: Packet['to']): string => `${a.address}:${a.port}>${b.address}:${b.port}`;
  const here = sent.get(way(from, to)) ?? 0;
  sent.set(way(from, to), here + payload.length);
  return { here, there: sent.get(way(to, from)) ?? 0 };
}

/** A filter that is not a port or a protocol lets everything through. */
function fits({ protocol, from, to }: Packet, filter: string): boolean {
  const port = /^(?:(?:udp|tcp)\s+)?port\s+(\d{1,5})$/.exec(filter.trim())?.[1];
  const only = /^(udp|tcp)\b/.exec(filter.trim())?.[1];
  return (
    (only === undefined || only === protocol) && (port === undefined || [from.port, to.port].includes(Number(port)))
  );
}
