/** Devices: intent (what people decided), facts (what phones showed), their lines and groups. */
import type { DeviceState, DeviceVendor, Kind, SipStatus, Tags } from '../../domain/device.ts';
import type { DataScope } from '../context.ts';

/** What people decide about a device. Times are milliseconds behind the ports. */
export interface DeviceData {
  /** Twelve lower-case hex digits. A device has a MAC, a serial number, or both. */
  readonly mac: string | null;
  /** Lower case. */
  readonly serial: string | null;
  readonly machineId: string | null;
  readonly kind: Kind;
  readonly vendor: DeviceVendor | null;
  /** As in the model catalogue, or as somebody wrote it when the catalogue does not know it. */
  readonly model: string | null;
  /** Family of the catalogue: what an `endpoint_type` says where no model is known (CSV-06). */
  readonly family: string | null;
  readonly name: string;
  readonly description: string;
  readonly siteId: number;
  /** `auto` follows the device's addresses, `pinned` stays (B-01). */
  readonly siteMode: 'auto' | 'pinned';
  readonly privateIp: string | null;
  readonly controlUrl: string | null;
  /** Where it is plugged in: a switch port or an ATA's port (DEV-03). */
  readonly port: string | null;
  readonly tags: Tags;
  readonly origin: 'manual' | 'csv' | 'auto';
  readonly state: DeviceState;
  readonly replacedBy: number | null;
  /** The CSV profile: JSON of `{name: {value} | {sealed: base64}}` (PROF-21). */
  readonly document: string | null;
}

/** An account on a line, without its password. */
export interface DeviceLine {
  readonly line: number;
  readonly accountId: number;
  readonly type: string;
  readonly name: string;
  readonly username: string;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
}

/** What is known of the device from the device, each with the time it was learnt. */
export interface DeviceFacts {
  readonly seenAt: number | null;
  readonly firstSeenAt: number | null;
  readonly online: boolean;
  readonly publicIp: string | null;
  readonly reportedIp: string | null;
  readonly addressAt: number | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly identityAt: number | null;
  readonly sip: SipStatus;
  readonly sipAt: number | null;
  /** Per line, as the phone or its callbacks said. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly call: 'idle' | 'in-call';
  readonly callAt: number | null;
  readonly bootedAt: number | null;
  readonly provisionedAt: number | null;
  readonly provisionResult: 'success' | 'failed' | null;
  readonly servedDigest: string | null;
  readonly servedAt: number | null;
  readonly servedTo: string | null;
  readonly runningDigest: string | null;
  readonly runningAt: number | null;
  readonly attention: string | null;
}

export interface DeviceRecord extends DeviceData {
  readonly id: number;
  readonly site: string;
  readonly lines: readonly DeviceLine[];
  /** Names in the device's own order, highest first. */
  readonly groups: readonly string[];
  readonly facts: DeviceFacts;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A selection with every name already resolved; fields are and-ed, the values of one field or-ed. */
export interface DeviceFilter {
  readonly scope: DataScope;
  readonly ids?: readonly number[];
  readonly siteIds?: readonly number[];
  readonly groupIds?: readonly number[];
  readonly models?: readonly string[];
  readonly vendors?: readonly string[];
  /** One-word statuses, `online`, `in-call`, and the values of `sip`. */
  readonly statuses?: readonly string[];
  readonly firmwares?: readonly string[];
  readonly tags?: Tags;
  readonly search?: string;
  readonly origins?: readonly string[];
  readonly kinds?: readonly string[];
  /** Devices that need a human. */
  readonly attention?: boolean;
  /** Without it, replaced devices are left out. */
  readonly replaced?: boolean;
  /** Devices seen before this moment count as offline. */
  readonly onlineSince: number;
}

export interface DeviceQuery extends DeviceFilter {
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** What a reference can fit; the ids of all devices that it fits. */
export interface ReferenceMatch {
  readonly id: number;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string;
  readonly site: string;
  readonly state: DeviceState;
  readonly replacedBy: number | null;
  /** Why it fits: `mac`, `serial`, `name`, `extension`, `address` or `id`. */
  readonly by: string;
}

export interface FoundAccount {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  /** The device and line that hold it now. */
  readonly heldBy: { readonly deviceId: number; readonly line: number; readonly device: string } | null;
}

/** A device as an export needs it: intent only. */
export interface ExportRow extends Omit<DeviceData, 'tags' | 'origin' | 'state' | 'replacedBy'> {
  readonly site: string;
  readonly tags: string;
  readonly groups: readonly string[];
  readonly lines: readonly Pick<DeviceLine, 'line' | 'type' | 'name'>[];
}

/** What an export of some devices has to hold. */
export interface ExportShape {
  /** The highest line that has an account. */
  readonly lines: number;
  /** Whether any of them is in a group. */
  readonly groups: boolean;
  /** Names of the parameters in their CSV profiles, sorted. */
  readonly parameters: readonly string[];
}

export interface DeviceRepository {
  list(query: DeviceQuery): AsyncIterable<DeviceRecord>;
  count(filter: DeviceFilter): Promise<number>;
  /** Batches in the order of ids, or of MAC addresses and then serial numbers. */
  exportRows(filter: DeviceFilter, shape: ExportShape, order?: 'id' | 'identity'): AsyncIterable<readonly ExportRow[]>;
  exportShape(filter: DeviceFilter): Promise<ExportShape>;
  /** Name keys that accounts of several types share. */
  sharedAccountNames(): Promise<ReadonlySet<string>>;
  /** In the order of the ids; ids that do not exist or are out of scope are left out. */
  byIds(ids: readonly number[], scope: DataScope): Promise<readonly DeviceRecord[]>;
  /** Every device that the reference fits by MAC, serial, name, extension, address; by id only when nothing else fits. */
  match(reference: string, scope: DataScope): Promise<readonly ReferenceMatch[]>;
  /** Names and MACs that start like the reference, for "did you mean". */
  similar(reference: string, scope: DataScope): Promise<readonly string[]>;
  /** The firmware versions that occur. */
  firmwares(): Promise<readonly string[]>;

  /** Throws `exists` when MAC or serial number are taken. Returns the id. */
  insert(data: DeviceData, now: number): Promise<number>;
  /** Bumps the version. */
  update(id: number, changes: Partial<DeviceData>, now: number): Promise<void>;
  /** Replaces all lines. An account that sat elsewhere leaves that line (ACCT-12), and that device's version grows. */
  setLines(
    id: number,
    lines: readonly { readonly line: number; readonly accountId: number }[],
    now: number,
  ): Promise<void>;
  /** Replaces the groups; the order is the device's own. */
  setGroups(id: number, groupIds: readonly number[], now: number): Promise<void>;
  /** With everything that belongs to them (DEV-10); their accounts are free afterwards. */
  delete(ids: readonly number[]): Promise<void>;

  /** An account by `type:name`, name, or user name; several when the text fits several. */
  findAccounts(reference: string, scope: DataScope): Promise<readonly FoundAccount[]>;
  /** Account names near a misspelt one. */
  similarAccounts(reference: string, scope: DataScope): Promise<readonly string[]>;
  /** Group ids by name (compared as names are); missing ones are not in the map. */
  groupIds(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  groupNames(): Promise<readonly string[]>;
  /** All sites in scope, without what `SiteRepository.list` counts for each. */
  places(scope: DataScope): Promise<readonly { readonly id: number; readonly name: string }[]>;
  /** All groups. */
  groups(): Promise<readonly { readonly id: number; readonly name: string }[]>;
  /** The default groups in their order (GRP-06). */
  defaultGroupIds(): Promise<readonly number[]>;
  /** Approved models (MODEL-18); empty when every model is. */
  approvedModels(): Promise<
    readonly { readonly vendor: string; readonly model: string; readonly siteId: number | null }[]
  >;
}
