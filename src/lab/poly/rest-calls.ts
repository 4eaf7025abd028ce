/** What Poly's REST API tells about calls and registrations (poly.md A.4). All values are strings, as on the wire. */
import { type Call, secondsOf } from '../calls.ts';
import type { PolyPhone } from './phone.ts';
import { CODES, type RestResult } from './rest-codes.ts';

export function callStatus1(phone: PolyPhone): RestResult {
  const call = phone.calls.find();
  if (call === undefined) return { code: CODES.noCall };
  const duration = phone.renames ? 'DurationSeconds' : 'DurationInSeconds';
  return {
    data: {
      CallHandle: handle(call, '0x'),
      Type: call.direction,
      Protocol: 'Sip',
      CallState: call.state,
      LineId: String(call.line),
      RemotePartyName: phone.shown(call.name),
      RemotePartyNumber: call.number,
      [duration]: String(secondsOf(call)),
      ...commonOf(call),
      UIAppearanceIndex: '1',
    },
  };
}

/** No call: an empty list. `?handle=`, `?line=` and `&sequence=` narrow it. */
export function callStatus2(phone: PolyPhone, query: URLSearchParams): RestResult {
  const wanted = phone.calls.active.filter(
    (call) =>
      [null, handle(call, '')].includes(query.get('handle')) &&
      [null, String(call.line)].includes(query.get('line')) &&
      [null, String(call.sequence)].includes(query.get('sequence')),
  );
  return {
    data: wanted.map((call) => ({
      CallHandle: handle(call, ''),
      Type: call.direction,
      Protocol: 'SIP',
      CallState: call.state,
      LineID: String(call.line),
      RemotePartyName: phone.shown(call.name),
      RemotePartyNumber: call.number,
      'Remote Connection IP': call.peer?.phone.address ?? '127.0.0.1',
      'Media Direction': call.state === 'Connected' ? 'sendrecv' : 'inactive',
      ...commonOf(call),
      UIAppearanceIndex: '1*',
      DurationSeconds: String(secondsOf(call)),
    })),
  };
}

function commonOf(call: Call): object {
  return {
    CallSequence: String(call.sequence),
    Muted: call.muted ? '1' : '0',
    Ringing: call.state === 'Offering' && !call.ignored ? '1' : '0',
    RTPPort: '2224',
    RTCPPort: '2225',
    StartTime: call.startedAt.toISOString().slice(0, 19),
  };
}

function handle(call: Call, prefix: string): string {
  return prefix + call.ref.toString(16);
}

export function sipStatus(phone: PolyPhone): object {
  const users = phone.lines.map(({ line, user, registered }) => ({
    Name: user,
    GRUUID: '',
    LineNumber: String(line),
    TotalCalls: String(phone.calls.active.filter((call) => call.line === line).length),
    TotalEvents: '1',
    Events: [
      {
        Type: 'Register',
        RegistrationState: registered ? 'Registered' : 'Registering',
        CallID: `${phone.mac}@${phone.address}`,
        Expires: '3400',
      },
    ],
  }));
  return { UUID: '', TotalUser: String(users.length), User: users };
}

export function pollForStatus(phone: PolyPhone): object {
  const call = phone.calls.find();
  if (call === undefined) {
    const last = phone.calls.log[0];
    return {
      State: 'Idle',
      StateData: last === undefined ? '' : `Time of last call ${last.startedAt.toISOString().slice(0, 19)}`,
    };
  }
  if (call.state === 'Offering') return { State: 'Ringing', StateData: '' };
  return { State: 'Active', StateData: `Active call duration ${spoken(secondsOf(call))}` };
}

export function callLogs(phone: PolyPhone, kinds: readonly string[]): object {
  const lists = kinds.map((kind) => [
    kind,
    phone.calls.log
      .filter((call) => call.kind === kind)
      .map((call) => ({
        LineNumber: String(call.line),
        StartTime: call.startedAt.toISOString().slice(0, 19),
        RemotePartyName: phone.shown(call.name),
        RemotePartyNumber: call.number,
        Duration: call.seconds === 0 ? '' : spoken(call.seconds),
      })),
  ]);
  return Object.fromEntries(lists);
}

function spoken(seconds: number): string {
  return `${Math.floor(seconds / 60)} mins ${seconds % 60} secs`;
}

export function sessionStats(phone: PolyPhone): RestResult {
  const connected = phone.calls.active.filter((call) => call.state === 'Connected');
  if (connected.length === 0) return { code: CODES.noCall };
  return {
    data: connected.map((call) => {
      const packets = String(secondsOf(call) * 50);
      return {
        Ref: handle(call, '0x'),
        SRTPCall: 'False',
        H235Call: 'False',
        Streams: [
          {
            Ref: handle(call, '0x'),
            Category: '0:Voice',
            RxCodec: '3:G.722.1',
            TxCodec: '3:G.722.1',
            PacketsReceived: packets,
            PacketsSent: packets,
            PacketsExpected: packets,
            PacketsLost: '0',
            OctetsReceived: String(Number(packets) * 160),
            OctetsSent: String(Number(packets) * 160),
            Jitter: '2',
            MaxJitter: '9',
            Latency: '20',
            RxPayloadSize: '20',
            TxPayloadSize: '20',
            RxMOSLQ: '4.1',
            TxMOSLQ: '127.0',
            RxMOSCQ: '4.0',
            TxMOSCQ: '127.0',
          },
        ],
      };
    }),
  };
}
