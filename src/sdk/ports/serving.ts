/**
 * What the server reads while a phone waits. Asked for every request, so that a change by another process counts at
 * once; `src/store/serving.ts` implements it with prepared statements.
 */
import type { StoredCredential } from './credentials.ts';
import type { Enrolment } from './enrolments.ts';
import type { Provisioning } from './sites.ts';
import type { TrustedAuthority } from './trust.ts';
import type { Upload } from './uploads.ts';

/** A device with all that decides what it is served. Vendor and model: what was said, else what was seen. */
export interface ServedDevice {
  readonly id: number;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  /** Reported by the phone. */
  readonly firmware: string | null;
  readonly name: string;
  readonly state: 'active' | 'quarantined' | 'replaced';
  readonly version: number;
  readonly updatedAt: number;
  readonly siteId: number;
  readonly siteVersion: number;
  readonly provisioning: Provisioning;
  readonly publicIp: string | null;
  /** What a human should know, as `device list --attention` shows it. */
  readonly attention: string | null;
}

/** A device by its provisioning login, with what proves it; the sealed secret itself is not read for that. */
export interface ServedCredential {
  readonly device: ServedDevice;
  readonly credential: Omit<StoredCredential, 'deviceId' | 'purpose' | 'username' | 'secret' | 'previous'>;
}

/** An account on a line, its password still sealed. */
export interface SealedLine {
  readonly line: number;
  readonly accountId: number;
  readonly type: string;
  readonly nameKey: string;
  readonly username: string;
  readonly authName: string;
  readonly password: Uint8Array | null;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
  readonly port: number | null;
  readonly transport: string | null;
  readonly server2: string;
  readonly port2: number | null;
}

/** A file of the content-addressed store that a phone asks for. */
export interface FoundFile {
  readonly kind: 'device-file' | 'resource' | 'image' | 'license';
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** Of a device, to be compared with the same of another time. */
export interface DeviceStamp {
  readonly id: number;
  readonly siteId: number;
  /** Another one when anything has changed that its version, its site's version or its model shows. */
  readonly stamp: string;
  /** 1 when it has something of its own that its version does not show: a MAC file, a diagnosis, a file from a task. */
  readonly own: 0 | 1;
}

export interface ServingReader {
  /** Changes whenever any process has committed. */
  version(): number;
  /** Of every active device. */
  stamps(): Iterable<DeviceStamp>;
  deviceById(id: number): Promise<ServedDevice | undefined>;
  /** Twelve lower-case hex digits. */
  deviceByMac(mac: string): Promise<ServedDevice | undefined>;
  deviceBySerial(serial: string): Promise<ServedDevice | undefined>;
  /** The device whose provisioning login has this user name. */
  deviceByLogin(username: string): Promise<ServedCredential | undefined>;
  /** The device whose callback secret has this fingerprint. */
  deviceByEventSecret(verifier: string): Promise<ServedDevice | undefined>;
  lines(deviceId: number): Promise<readonly SealedLine[]>;
  /** The CSV profile: JSON of `{name: {value} | {sealed: base64}}`. */
  document(deviceId: number): Promise<string | null>;
  credentials(deviceId: number): Promise<readonly StoredCredential[]>;
  enrolment(deviceId: number): Promise<Enrolment | undefined>;
  /** Public subnets (CIDR) of a site. */
  siteSubnets(siteId: number): Promise<readonly string[]>;
  uploads(deviceId: number): Promise<readonly Pick<Upload, 'name' | 'size'>[]>;
  /**
   * What a device means by a path: its own file of that name, one for all, `common` (DFILE-03), or firmware by its whole
   * path `firmware/RELEASE/FILE`. All in lower case.
   */
  storedFile(deviceId: number, path: string, name: string, common: string | null): Promise<FoundFile | undefined>;
  /** The text of a task that shows this one on the device's screen, by the token in its content. */
  pushedText(deviceId: number, token: string): Promise<string | undefined>;
  /** Name of the upload that an open capture of the device becomes, by the token in its URL. */
  captureName(deviceId: number, token: string): Promise<string | undefined>;
  setting(name: string): Promise<unknown>;
  trustedAuthorities(): Promise<readonly TrustedAuthority[]>;
  /** Ids of active devices, for whole-fleet work such as `config build`. */
  deviceIds(): AsyncIterable<number>;
}
