/** What Poly's REST API tells: the GET half of poly.md A.4. All values are strings, as on the wire. */
import type { PolyPhone } from './phone.ts';
import { callLogs, callStatus1, callStatus2, pollForStatus, sessionStats, sipStatus } from './rest-calls.ts';
import type { RestResult } from './rest-codes.ts';

type Handler = (phone: PolyPhone, query: URLSearchParams) => RestResult;

export const INFO: Record<string, Handler> = {
  '/api/v1/mgmt/device/info': (phone) => ({
    data: phone.renames ? deviceInfo2(phone) : deviceInfo1(phone),
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
  const userKey = phone.renames ? 'Username' : 'UserID';
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
