/** A device as the public API shows it: one flat object, times as ISO 8601, nothing secret. */
import { type DeviceStatus, documentName, statusOf } from '../../domain/device.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { QuarantinedDevice } from '../ports/enrolments.ts';

export interface DeviceLineView {
  readonly line: number;
  readonly account: string;
  readonly type: string;
  /** User name, mostly the extension. */
  readonly extension: string;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
}

/** A row of `device list`. */
export interface Device {
  /** Null for a phone in quarantine: it is no device yet. */
  readonly id: number | null;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string;
  readonly kind: string;
  /** What people said, else what the device showed. */
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly site: string;
  readonly siteMode: 'auto' | 'pinned';
  readonly groups: readonly string[];
  readonly lines: readonly DeviceLineView[];
  /** One word for lists, see {@link statusOf}. */
  readonly status: DeviceStatus;
  readonly online: boolean;
  readonly sip: string;
  readonly call: string;
  readonly publicIp: string | null;
  /** What the device reports, else what was said. */
  readonly privateIp: string | null;
  /** `user@server` of the first line (DEV-22). */
  readonly sipUri: string | null;
  readonly controlUrl: string | null;
  readonly port: string | null;
  readonly machineId: string | null;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly origin: string;
  /** The closed loop: digests of what was served last and of what the device runs. */
  readonly config: { readonly served: string | null; readonly running: string | null };
  readonly lastSeen: string | null;
  /** What a human should do about it. */
  readonly attention: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A fact with the time it was learnt and where it is from. */
export interface Fact {
  readonly value: string | number | boolean | null;
  readonly at: string | null;
}

/** `device show`: everything known (DEV-13, DEV-30). */
export interface DeviceDetails extends Device {
  readonly names: { readonly own: string; readonly profile: string | null };
  readonly facts: Readonly<Record<string, Fact>>;
  readonly lineStates: readonly Readonly<Record<string, unknown>>[];
  readonly csvProfile: {
    readonly name: string;
    /** Secret values are `********`. */
    readonly parameters: Readonly<Record<string, string>>;
  } | null;
  readonly replacedBy: string | null;
}

/** ISO 8601 of a store's time. */
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function deviceOf(record: DeviceRecord): Device {
  const { facts } = record;
  const [first] = record.lines;
  return {
    id: record.id,
    mac: record.mac,
    serial: record.serial,
    name: record.name,
    kind: record.kind,
    vendor: record.vendor ?? facts.vendor,
    model: record.model ?? facts.model,
    firmware: facts.firmware,
    site: record.site,
    siteMode: record.siteMode,
    groups: record.groups,
    lines: record.lines.map(({ line, name, type, username, displayName, label, server }) => ({
      line,
      account: name,
      type,
      extension: username,
      displayName,
      label,
      server,
    })),
    status: statusOf({ state: record.state, online: facts.online, sip: facts.sip }),
    online: facts.online,
    sip: facts.sip,
    call: facts.call,
    publicIp: facts.publicIp,
    privateIp: facts.reportedIp ?? record.privateIp,
    sipUri: first === undefined || first.server === '' ? null : `${first.username}@${first.server}`,
    controlUrl: record.controlUrl,
    port: record.port,
    machineId: record.machineId,
    description: record.description,
    tags: record.tags,
    origin: record.origin,
    config: { served: facts.servedDigest, running: facts.runningDigest },
    lastSeen: iso(facts.seenAt),
    attention: facts.attention,
    version: record.version,
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
  };
}

/** A phone that nobody announced, as a row of the list. */
export function strangerOf(phone: QuarantinedDevice): Device {
  return {
    id: null,
    mac: phone.mac,
    serial: null,
    name: '',
    kind: 'sip',
    vendor: phone.vendor,
    model: phone.model,
    firmware: phone.firmware,
    site: '',
    siteMode: 'auto',
    groups: [],
    lines: [],
    status: 'quarantined',
    online: true,
    sip: 'unknown',
    call: 'idle',
    publicIp: phone.address,
    privateIp: null,
    sipUri: null,
    controlUrl: null,
    port: null,
    machineId: null,
    description: '',
    tags: {},
    origin: 'auto',
    config: { served: null, running: null },
    lastSeen: iso(phone.lastSeenAt),
    attention: `phonectl device approve ${phone.mac}`,
    version: 0,
    createdAt: new Date(phone.firstSeenAt).toISOString(),
    updatedAt: new Date(phone.lastSeenAt).toISOString(),
  };
}

export function detailsOf(
  record: DeviceRecord,
  more: {
    readonly parameters: Readonly<Record<string, string>>;
    readonly profileName: string | null;
    readonly replacedBy: string | null;
  },
): DeviceDetails {
  const { facts } = record;
  const fact = (value: Fact['value'], at: number | null): Fact => ({ value, at: iso(at) });
  return {
    ...deviceOf(record),
    names: { own: record.name, profile: more.profileName },
    facts: {
      firstSeen: fact(iso(facts.firstSeenAt), facts.firstSeenAt),
      online: fact(facts.online, facts.seenAt),
      publicIp: fact(facts.publicIp, facts.addressAt),
      reportedIp: fact(facts.reportedIp, facts.addressAt),
      reportedVendor: fact(facts.vendor, facts.identityAt),
      reportedModel: fact(facts.model, facts.identityAt),
      firmware: fact(facts.firmware, facts.identityAt),
      sip: fact(facts.sip, facts.sipAt),
      call: fact(facts.call, facts.callAt),
      booted: fact(iso(facts.bootedAt), facts.bootedAt),
      provisioned: fact(facts.provisionResult, facts.provisionedAt),
      served: fact(facts.servedDigest, facts.servedAt),
      servedTo: fact(facts.servedTo, facts.servedAt),
      running: fact(facts.runningDigest, facts.runningAt),
    },
    lineStates: facts.lines,
    csvProfile: record.document === null ? null : { name: documentName(record), parameters: more.parameters },
    replacedBy: more.replacedBy,
  };
}
