/**
 * What a model file holds (`templates/models/*.yaml`, and a home's own `models/`), and how several files become one list
 * of models. Adding a phone never needs TypeScript; reading the files is `vendors/models.ts`.
 */
import type { FirmwareRule } from './version.ts';

export type ModelVendor = 'poly' | 'yealink' | 'cisco' | 'other';
export type DeviceKind = 'sip' | 'usb' | 'room' | 'dect' | 'codec';

/**
 * What a device can do. A capability that a file does not name is true, except those of {@link RARE_CAPABILITIES}.
 * Beside each stands why a device without it is told *not applicable*.
 */
export const CAPABILITIES = {
  accounts: 'it takes no accounts',
  provisioning: 'it fetches no configuration from a provisioning server',
  rest: 'it has no REST API',
  deviceControl: 'it cannot be controlled over the network',
  sipStatus: 'it does not tell its SIP registration',
  lineInfo: 'it does not tell its lines',
  callStatus: 'it does not tell whether it is in a call',
  qoe: 'it reports no call quality',
  checkSync: 'it does not understand check-sync; changes apply at its next poll',
  callControl: 'its calls cannot be controlled remotely',
  screenCapture: 'its screen cannot be captured',
  tls12: 'its firmware cannot speak TLS 1.2',
  clientCertificate: 'it carries no certificate of its own',
  licensed: 'it needs no licence',
  packetCapture: 'it cannot capture packets remotely',
  logSettings: 'its log settings cannot be changed remotely',
  recordings: 'it sends its recordings nowhere',
  restart: 'it can only be rebooted, not restarted',
  partialReset: 'it can only be reset as a whole',
  factoryReset: 'it cannot be reset remotely',
  dnd: 'its do not disturb cannot be switched remotely',
  messages: 'no text can be put on its screen',
  keys: 'its keys cannot be pressed remotely',
  parameters: 'single parameters cannot be set on it; give it a profile instead',
  adPassword: 'it does not log in to Active Directory by itself',
  logs: 'its logs cannot be fetched from it; what it uploads is kept by the server',
  performance: 'it does not tell its load',
  configExport: 'its configuration cannot be fetched from it',
  cloudRegistration: 'it does not register with the Polycom cloud',
  alexa: 'it does not know Alexa',
  analytics: 'it delivers no device analytics',
  bootFile: 'it asks for no boot file',
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** False unless a file says so. */
export const RARE_CAPABILITIES: ReadonlySet<Capability> = new Set([
  'packetCapture',
  'logSettings',
  'recordings',
  'cloudRegistration',
  'alexa',
  'analytics',
]);

export type Capabilities = Partial<Readonly<Record<Capability, boolean>>>;

/** Capabilities that differ in some firmware, such as the REST fault of UC Software 5.7.0 (MODEL-12). */
export interface CapabilityException extends Capabilities {
  /** Range as in `version.ts`. */
  readonly firmware: string;
  readonly reason: string;
}

/** What models of a family share; each field can be overridden by a model. */
interface Shared {
  readonly kind?: DeviceKind;
  readonly idBy?: 'mac' | 'serial';
  readonly maxLines?: number;
  readonly capabilities?: Capabilities;
  readonly exceptions?: readonly CapabilityException[];
  readonly firmware?: readonly FirmwareRule[];
}

export interface ModelData extends Shared {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** How a User-Agent spells it, such as `VVX_450`, `T54W`, `8841-3PCC`; the name itself always counts. */
  readonly userAgents?: readonly string[];
  /** Part numbers; firmware images are named after them (Poly). */
  readonly parts?: readonly string[];
  /** Yealink: NN of `y0000000000NN.cfg`, first octet of the hardware version (yealink.md A6). */
  readonly commonFile?: number;
  /** Yealink: first numbers of firmware versions that run on it (A7). */
  readonly prefixes?: readonly number[];
}

export interface FamilyData extends Shared {
  readonly family: string;
  /** Values of `endpoint_type` in device files (CSV-06). */
  readonly endpointTypes?: readonly string[];
  readonly models: readonly ModelData[];
}

/** One model file. A home's file is laid over the shipped ones: same family and same model name extend each other. */
export interface ModelFile {
  readonly vendor: ModelVendor;
  /** First six hex digits of MACs; hints only, a MAC proves nothing. */
  readonly ouis?: readonly string[];
  /** Of all its families, unless they say otherwise. */
  readonly capabilities?: Capabilities;
  readonly families: readonly FamilyData[];
}

export interface Model {
  readonly name: string;
  readonly vendor: ModelVendor;
  readonly family: string;
  readonly kind: DeviceKind;
  readonly idBy: 'mac' | 'serial';
  /** Accounts that it takes at the most (ACCT-10); `undefined` when not known. */
  readonly maxLines: number | undefined;
  readonly aliases: readonly string[];
  readonly userAgents: readonly string[];
  readonly parts: readonly string[];
  readonly commonFile: number | undefined;
  readonly prefixes: readonly number[];
  readonly endpointTypes: readonly string[];
  readonly firmware: readonly FirmwareRule[];
  readonly capabilities: Readonly<Record<Capability, boolean>>;
  readonly exceptions: readonly CapabilityException[];
}

/** Names compare without case, blanks, hyphens, underscores, dots and brackets: `vvx450`, `T21(P)E2`, `T21P_E2`. */
export function nameKey(name: string): string {
  return name.toLowerCase().replace(/[\s_.()-]/g, '');
}

/** All models of all files; later files win, field by field. */
export function mergeFiles(files: readonly ModelFile[]): Model[] {
  const families = new Map<string, { vendor: ModelVendor; data: FamilyData; models: Map<string, ModelData> }>();
  for (const { vendor, capabilities: all, families: list } of files) {
    for (const family of list) {
      const data = all === undefined ? family : { ...family, capabilities: { ...all, ...family.capabilities } };
      const key = `${vendor} ${nameKey(data.family)}`;
      const known = families.get(key);
      const models = known?.models ?? new Map<string, ModelData>();
      for (const model of data.models)
        models.set(nameKey(model.name), mergeShared(models.get(nameKey(model.name)), model));
      families.set(key, { vendor, data: mergeShared(known?.data, data), models });
    }
  }
  return [...families.values()].flatMap(({ vendor, data, models }) =>
    [...models.values()].map((model) => complete(vendor, data, model)),
  );
}

function mergeShared<T extends Shared>(below: T | undefined, above: T): T {
  if (below === undefined) return above;
  return { ...below, ...above, capabilities: { ...below.capabilities, ...above.capabilities } };
}

function complete(vendor: ModelVendor, family: FamilyData, model: ModelData): Model {
  const given: Capabilities = { ...family.capabilities, ...model.capabilities };
  const names = Object.keys(CAPABILITIES) as Capability[];
  return {
    name: model.name,
    vendor,
    family: family.family,
    kind: model.kind ?? family.kind ?? 'sip',
    idBy: model.idBy ?? family.idBy ?? 'mac',
    maxLines: model.maxLines ?? family.maxLines,
    aliases: model.aliases ?? [],
    userAgents: model.userAgents ?? [],
    parts: model.parts ?? [],
    commonFile: model.commonFile,
    prefixes: model.prefixes ?? [],
    endpointTypes: family.endpointTypes ?? [],
    firmware: model.firmware ?? family.firmware ?? [],
    capabilities: Object.fromEntries(
      names.map((name) => [name, given[name] ?? !RARE_CAPABILITIES.has(name)]),
    ) as Record<Capability, boolean>,
    exceptions: [...(model.exceptions ?? []), ...(family.exceptions ?? [])],
  };
}
