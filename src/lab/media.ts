/**
 * The packets of a call, as they would have gone over the wire: its dialog with the SIP server (RFC 3261), and voice both
 * ways (RFC 3550, G.711 µ-law, 20 ms). Made when somebody looks: a lab of thousands sends no voice.
 */
import type { Call } from './calls.ts';
import type { Packet } from './pcap.ts';

export interface TimedPacket {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly packet: Packet;
}

type Endpoint = Packet['from'];

/** A call as one of its phones sees it. */
export interface SeenCall {
  readonly call: Call;
  readonly user: string;
  /** The phone's SIP and voice ports. */
  readonly sip: Endpoint;
  readonly voice: Endpoint;
  readonly userAgent: string;
  readonly server: Endpoint;
  readonly peerVoice: Endpoint;
  /** Milliseconds since the epoch; null while it is up. */
  readonly endedAt: number | null;
}

const SAMPLE_RATE = 8_000;
const EVERY = 20;
const SAMPLES = (SAMPLE_RATE * EVERY) / 1000;
/** Whole periods in 20 ms, so that one piece follows the other without a crack. */
const TONE = 400;

/** Everything of the call between two moments; of its voice not more than `mostVoice` packets each way, the newest. */
export function callPackets(seen: SeenCall, since: number, until: number, mostVoice: number): TimedPacket[] {
  const { call, endedAt } = seen;
  const end = Math.min(until, endedAt ?? until);
  const all = dialog(seen);
  if (call.connectedAt !== null) all.push(...voice(seen, since, end, mostVoice));
  return all.filter(({ at }) => at >= since && at <= until);
}

/** Who calls sends the INVITE, whoever that is; the phone is the one that hangs up. */
function dialog(seen: SeenCall): TimedPacket[] {
  const { call, sip, server, endedAt } = seen;
  const calls = call.direction === 'Outgoing';
  const [caller, callee] = calls ? [sip, server] : [server, sip];
  const start = call.startedAt.getTime();
  const packets: TimedPacket[] = [];
  function say(at: number, from: Endpoint, message: string): void {
    const to = from === sip ? server : sip;
    packets.push({ at, packet: { protocol: 'udp', from, to, payload: Buffer.from(message, 'utf8') } });
  }
  const [offer, answer] = calls ? [seen.voice, seen.peerVoice] : [seen.peerVoice, seen.voice];
  say(start, caller, message(seen, 'INVITE', 'INVITE', sdp(offer)));
  say(start + 5, callee, message(seen, '100 Trying', 'INVITE'));
  say(start + 20, callee, message(seen, '180 Ringing', 'INVITE'));
  if (call.connectedAt !== null) {
    const up = answeredAt(call);
    say(up, callee, message(seen, '200 OK', 'INVITE', sdp(answer)));
    say(up + 5, caller, message(seen, 'ACK', 'ACK'));
    if (endedAt === null) return packets;
    say(endedAt, sip, message(seen, 'BYE', 'BYE'));
    say(endedAt + 10, server, message(seen, '200 OK', 'BYE'));
  } else if (endedAt !== null) {
    say(endedAt, caller, message(seen, 'CANCEL', 'CANCEL'));
    say(endedAt + 5, callee, message(seen, '200 OK', 'CANCEL'));
    say(endedAt + 6, callee, message(seen, '487 Request Terminated', 'INVITE'));
    say(endedAt + 11, caller, message(seen, 'ACK', 'ACK'));
  }
  return packets;
}

/** Nobody picks up faster than the phone rings. */
function answeredAt({ startedAt, connectedAt }: Call): number {
  return Math.max(startedAt.getTime() + 40, connectedAt?.getTime() ?? 0);
}

/** A request of this method, or an answer to it. */
function message(seen: SeenCall, start: string, method: string, body = ''): string {
  const { call, user, sip, server, userAgent } = seen;
  const own = `<sip:${user}@${server.address}>`;
  const other = `<sip:${call.number}@${server.address}>`;
  const calls = call.direction === 'Outgoing';
  // In its BYE the phone speaks for itself; everything else is of the caller's INVITE.
  const byPhone = calls || method === 'BYE';
  const id = call.ref.toString(16);
  const via = byPhone ? sip : server;
  const isAnswer = /^\d/.test(start);
  const tagged = method !== 'INVITE' || (isAnswer && !start.startsWith('100'));
  const to = `${byPhone ? other : own}${tagged ? `;tag=${byPhone ? 'b' : 'a'}${id}` : ''}`;
  const lines = [
    isAnswer ? `SIP/2.0 ${start}` : `${start} sip:${byPhone ? call.number : user}@${server.address} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via.address}:${via.port};branch=z9hG4bK${id}${method === 'BYE' ? 'b' : ''}`,
    ...(isAnswer ? [] : ['Max-Forwards: 70']),
    `From: ${byPhone ? own : other};tag=${byPhone ? 'a' : 'b'}${id}`,
    `To: ${to}`,
    `Call-ID: ${id}@${sip.address}`,
    `CSeq: ${method === 'BYE' ? 2 : 1} ${method}`,
    `Contact: <sip:${user}@${sip.address}:${sip.port}>`,
    ...(byPhone === isAnswer ? [] : [`User-Agent: ${userAgent}`]),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** RFC 8866. */
function sdp({ address, port }: Endpoint): string {
  const lines = [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    'a=ptime:20',
    'a=sendrecv',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function voice(seen: SeenCall, since: number, until: number, most: number): TimedPacket[] {
  const { call, voice: own, peerVoice } = seen;
  // Once the caller has confirmed.
  const begin = answeredAt(call) + 10;
  const last = Math.floor((until - begin) / EVERY);
  const first = Math.max(0, Math.ceil((since - begin) / EVERY), last - most + 1);
  const packets: TimedPacket[] = [];
  for (let number = first; number <= last; number++) {
    const at = begin + number * EVERY;
    const way = (source: Endpoint, to: Endpoint, ssrc: number): TimedPacket => ({
      at,
      packet: { protocol: 'udp', from: source, to, payload: rtp(number, ssrc) },
    });
    packets.push(way(own, peerVoice, call.ref), way(peerVoice, own, call.ref ^ 0x55aa));
  }
  return packets;
}

function rtp(number: number, ssrc: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  // The first packet of a talk spurt is marked; payload type 0 is PCMU.
  header[1] = number === 0 ? 0x80 : 0;
  header.writeUInt16BE(number & 0xffff, 2);
  header.writeUInt32BE((number * SAMPLES) >>> 0, 4);
  header.writeUInt32BE(ssrc >>> 0, 8);
  return Buffer.concat([header, SOUND]);
}

const SOUND = Buffer.from(
  Array.from({ length: SAMPLES }, (_, at) =>
    muLaw(Math.round(8_000 * Math.sin((2 * Math.PI * TONE * at) / SAMPLE_RATE))),
  ),
);

/** G.711: sign, three bits of exponent, four of mantissa, all inverted. */
function muLaw(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}
