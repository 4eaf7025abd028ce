/** What Poly's REST API tells: the GET half of poly.md A.4. All values are strings, as on the wire. */
import { type Call, secondsOf } from '../calls.ts';
import type { PolyPhone } from './phone.ts';

/** `data` of the answer, or the status code alone. */
export type RestResult = { data: unknown } | { code: string };
type Handler = (phone: PolyPhone, query: URLSearchParams) => RestResult;

/** poly.md A.2. */
export const CODES = {
  ok: '2000',
  invalid: '4000',
  lineNotRegistered: '4002',
  notAllowed: '4003',
  notSupported: '4004',
  noLine: '4005',
  noCall: '4007',
  tooMany: '4009',
  defaultPassword: '4010',
  failed: '5000',
} as const;

export const INFO: Record<string, Handler> = {
  '/api/v1/mgmt/device/info': (phone) => ({
    data: phone.faults.oldFirmware === true ? deviceInfo2(phone) : deviceInfo1(phone),
  }),
  '/api/v2/mgmt/device/info': (phone) => ({ data: deviceInfo2(phone) }),
  '/api/v1/mgmt/network/info': (phone) => ({ data: networkInfo(phone) }),
  '/api/v1/mgmt/network/stats': (phone) => ({ data: networkStats(phone) }),
  '/api/v1/mgmt/lineInfo': (phone) => ({ data: lineInfo1(phone) }),
  '/api/v2/mgmt/lineInfo': (phone) => ({ data: lineInfo2(phone) }),
  '/api/v1/webCallControl/callStatus': callStatus1,
  '/api/v2/webCallControl/callStatus': callStatus2,
  '/api/v1/webCallControl/sipStatus': (phone) => ({ data: sipStatus(phone) }),
  '/api/v1/mgmt/device/stats': (phone) => ({ data: deviceStats(phone) }),
  '/api/v1/mgmt/pollForStatus': (phone) => ({ data: pollForStatus(phone) }),
  '/api/v1/mgmt/device/runningConfig': (phone) => ({ data: runningConfig(phone) }),
  '/api/v1/mgmt/callLogs': (phone) => ({ data: callLogs(phone, ['Missed', 'Received', 'Placed']) }),
  '/api/v1/mgmt/callLogs/missed': (phone) => ({ data: callLogs(phone, ['Missed']) }),
  '/api/v1/mgmt/callLogs/received': (phone) => ({ data: callLogs(phone, ['Received']) }),
  '/api/v1/mgmt/callLogs/placed': (phone) => ({ data: callLogs(phone, ['Placed']) }),
  '/api/v1/mgmt/media/sessionStats': sessionStats,
  '/api/v1/mgmt/transferType/get': () => ({ data: { Type: 'Consultative' } }),
};

interface Uptime {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

function uptimeOf(phone: PolyPhone): Uptime {
  const total = Math.floor(phone.uptime / 1000);
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  };
}

function clock({ hours, minutes, seconds }: Uptime): string {
  return `${hours}:${String(minutes).padStart(2, '0')}:${String(seconds).padStart(2, '0')}`;
}

function deviceInfo1(phone: PolyPhone): object {
  const uptime = uptimeOf(phone);
  return {
    ModelNumber: phone.model,
    FirmwareRelease: phone.firmware,
    DeviceType: 'hardwareEndpoint',
    DeviceVendor: phone.details.isEdge ? 'Poly' : 'Polycom',
    UpTimeSinceLastReboot: `${uptime.days} Day ${clock(uptime)}`,
    IPV4Address: phone.address,
    IPV6Address: '::',
    MACAddress: phone.mac,
    AttachedHardware: phone.details.isEdge ? { EM: [] } : {},
  };
}

function deviceInfo2(phone: PolyPhone): object {
  const uptime = uptimeOf(phone);
  const isBusy = phone.calls.active.length > 0;
  return {
    ModelNumber: phone.model,
    DeviceType: 'HardwareEndpoint',
    DeviceVendor: 'Polycom',
    Firmware: {
      Application: `${phone.firmware} 02-Jul-19 06:14`,
      Updater: phone.details.updater,
      BootBlock: `3.0.6.0098 (${phone.details.part.slice(5)})`,
    },
    UpTime: {
      Days: String(uptime.days),
      Hours: String(uptime.hours),
      Minutes: String(uptime.minutes),
      Seconds: String(uptime.seconds),
    },
    IPAddress: phone.address,
    IPv6Address: '::',
    IPv6LinkAddress: '::',
    IPv6ULAAddress: '::',
    IPStack: 'IPv4 Only',
    PreferredNetwork: 'IPv6',
    MACAddress: phone.mac,
    AttachedHardware: { EM: [] },
    AppState: isBusy ? 'AppStateCall' : 'AppStateMenu',
    ReadyToUse: 'True',
    IntendToShutdown: 'False',
    CanApplyShutdownRequest: isBusy ? 'False' : 'True',
  };
}

function networkInfo(phone: PolyPhone): object {
  const { parameters } = phone;
  const server = new URL(phone.status().server);
  return {
    DHCP: 'enabled',
    DHCPServer: '127.0.0.1',
    DHCPBootServerUseOption:
      ['Option66', 'Custom', 'Static', 'Custom+Option66'][Number(parameters.text('device.dhcp.bootSrvUseOpt'))] ?? '',
    DHCPBootServerOption: parameters.text('device.dhcp.bootSrvOpt'),
    DHCPBootServerOptionType: 'String',
    DHCPOption60Format: 'ASCII String',
    IPV4Address: phone.address,
    IPV6Address: '::',
    DefaultGateway: '127.0.0.1',
    SubnetMask: '255.0.0.0',
    DNSServer: '127.0.0.1',
    AlternateDNSServer: '',
    DNSDomain: '',
    SNTPAddress: parameters.text('tcpIpApp.sntp.address'),
    LANPortStatus: 'active',
    LANSpeed: '1000Mbps',
    LLDP: 'enabled',
    CDPCompatibility: 'enabled',
    VLANID: parameters.text('device.net.vlanId'),
    VLANDiscoveryMode: 'Fixed',
    VLANIDOption: '129',
    ProvServerAddress: server.href,
    ProvServerUser: parameters.text('device.prov.user'),
    ProvServerType: server.protocol.slice(0, -1).toUpperCase(),
    UpgradeServer: '',
    ZTPStatus: 'disabled',
  };
}

function networkStats(phone: PolyPhone): object {
  const uptime = uptimeOf(phone);
  const packets = Math.floor(phone.uptime / 40) + 1000;
  return {
    UpTime: `${uptime.days} day ${clock(uptime)}`,
    RxPackets: String(packets),
    TxPackets: String(Math.floor(packets / 3)),
  };
}

function lineInfo1(phone: PolyPhone): object[] {
  const userKey = phone.faults.oldFirmware === true ? 'Username' : 'UserID';
  if (phone.lines.length === 0) {
    // poly.md A.4: a phone without lines shows a placeholder.
    const name = phone.model.replaceAll(' ', '');
    return [
      {
        LineNumber: '1',
        RegistrationStatus: 'unregistered',
        LineType: 'private',
        SIPAddress: name,
        Label: phone.shown(phone.model),
        [userKey]: phone.model,
      },
    ];
  }
  return phone.lines.map(({ line, user, server, registered }) => ({
    LineNumber: String(line),
    RegistrationStatus: registered ? 'registered' : 'unregistered',
    LineType: phone.parameters.get(`reg.${line}.type`) ?? 'private',
    SIPAddress: user,
    Label: phone.shown(phone.parameters.text(`reg.${line}.label`) || user),
    [userKey]: phone.parameters.text(`reg.${line}.auth.userId`) || user,
    ...(registered && {
      Protocol: 'SIP',
      ProxyAddress: server,
      Port: phone.parameters.get(`reg.${line}.server.1.port`) ?? '0',
    }),
  }));
}

function lineInfo2(phone: PolyPhone): object[] {
  return phone.lines.map(({ line, user, registered }) => ({
    Label: phone.shown(phone.parameters.text(`reg.${line}.label`) || user),
    RegistrationStatus: registered ? 'registered' : 'unregistered',
    CallServers: [
      {
        Working: registered ? 'True' : 'False',
        Active: phone.calls.active.some((call) => call.line === line) ? 'True' : 'False',
        DoNotDisturb: phone.dnd ? 'True' : 'False',
      },
    ],
  }));
}

function callStatus1(phone: PolyPhone): RestResult {
  const call = phone.calls.find();
  if (call === undefined) return { code: CODES.noCall };
  const duration = phone.faults.oldFirmware === true ? 'DurationSeconds' : 'DurationInSeconds';
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
function callStatus2(phone: PolyPhone, query: URLSearchParams): RestResult {
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

function sipStatus(phone: PolyPhone): object {
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

/** Load that moves with time and differs between phones, but not from one run to the next. */
function deviceStats(phone: PolyPhone): object {
  const base = 10 + 20 * phone.fraction('cpu');
  const current = base + 8 * Math.sin(Date.now() / 60_000 + phone.fraction('phase') * 6);
  const total = 262_144;
  const used = Math.floor(total * (0.55 + 0.2 * phone.fraction('memory')));
  return {
    CPU: { Current: current.toFixed(1), Average: base.toFixed(1) },
    Memory: {
      Total: String(total),
      Used: String(used),
      Free: String(total - used),
      Cached: '30000',
      SReclaim: '5000',
      ComAS: '0',
    },
    RAMDiskSize: '20480',
  };
}

function pollForStatus(phone: PolyPhone): object {
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

function runningConfig(phone: PolyPhone): object {
  const { parameters } = phone;
  const server = phone.status().server;
  return {
    Network: {
      IPAddress: phone.address,
      SubnetMask: '255.0.0.0',
      IPGateway: '127.0.0.1',
      IPStack: 'IPv4 Only',
      VLAN: parameters.text('device.net.vlanId'),
      CDP: 'enabled',
      LLDP: 'enabled',
    },
    DHCP: {
      Feature: 'enabled',
      Option60Format: 'ASCII String',
      BootServerOption: parameters.text('device.dhcp.bootSrvOpt'),
      BootServerUseOption: parameters.text('device.dhcp.bootSrvUseOpt'),
    },
    Provisioning: {
      Server: server,
      ServerType: new URL(server).protocol.slice(0, -1).toUpperCase(),
      User: parameters.text('device.prov.user'),
      TagSerialNo: parameters.text('device.prov.tagSerialNo'),
    },
    DNS: { Server: '127.0.0.1' },
    SNTP: { Server: parameters.text('tcpIpApp.sntp.address') },
    Syslog: {
      Server: parameters.text('device.syslog.serverName'),
      Transport: parameters.text('device.syslog.transport'),
      RenderLevel: parameters.text('device.syslog.renderLevel'),
    },
  };
}

function callLogs(phone: PolyPhone, kinds: readonly string[]): object {
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

function sessionStats(phone: PolyPhone): RestResult {
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
