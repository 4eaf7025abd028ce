/**
 * The words of the lab: what a simulated phone is told to be, what can be wrong with it, what it reports.
 */

export type LabVendor = 'poly' | 'yealink' | 'cisco';

export interface Credential {
  username: string;
  password: string;
}

/**
 * What can be wrong with a phone. Every fault can be switched while the lab runs (`LabPhone.faults`).
 * Faults of the control interface leave provisioning alone, unless it says otherwise here.
 */
export interface LabFaults {
  /** Not on the network at all: nothing is asked, nothing listens. */
  offline?: boolean;
  /** Accepts connections and SIP packets, and never answers. */
  hang?: boolean;
  /** Milliseconds (real time) before every answer. */
  slow?: number;
  /** Every control request is answered with this status. */
  refuse?: 401 | 403;
  /** Answers "another request is in progress" (Poly: 403, poly.md A.3; others: 503): always, or this many times. */
  busy?: boolean | number;
  /** Provisions with a wrong password. A number makes it insist that many times a second, in real time. */
  wrongPassword?: boolean | number;
  /** Fetches firmware that it is given, and keeps what it runs. */
  refuseFirmware?: boolean;
  /** No line ever registers. */
  noRegistration?: boolean;
  /** Goes down on a reboot and stays down. */
  neverComesBack?: boolean;
  /** Acknowledges a reboot and does nothing. */
  rebootIgnored?: boolean;
  /** Poly: REST answers that the factory password is not allowed (4010, poly.md A.2). */
  defaultPassword?: boolean;
  /** Every callctrl verb is a 404, as on Edge E 8.6.0 (poly.md A.6). */
  edge404?: boolean;
  /** The clock stands at the end of 2023 while it boots, so a younger server certificate is "not yet valid". */
  clockInPast?: boolean;
  /** Control requests are redirected to this URL. */
  redirect?: string;
  /** Control answers never end. */
  endlessBody?: boolean;
  /** Control answers break off in the middle. */
  halfAnswer?: boolean;
  /** Names on the phone hold terminal escape sequences. */
  escapeSequences?: boolean;
}

/** One phone of the lab. */
export interface LabPhoneSpec {
  /** 12 lower-case hex digits. */
  mac: string;
  vendor: LabVendor;
  /** Any common spelling: `VVX 450`, `SIP-T54W`, `T54W`, `8841`, `CP-8841-3PCC`. */
  model: string;
  /** Default: a plausible release of the model. */
  firmware?: string;
  /** Poly only: version of the Updater (or BootROM) that asks first. Default: plausible. */
  updater?: string;
  /** The phone's own loopback address, 127.x.y.z. */
  address: string;
  serial?: string;
  /** Base provisioning URL as DHCP gives it at every boot; may hold `user:password@`. */
  server: string;
  /** What the phone has stored for provisioning. Poly's factory value is PlcmSpIp (poly.md C.10), the others have none. */
  credential?: Credential;
  faults?: LabFaults;
}

export type LabPhoneState = 'booting' | 'running' | 'offline' | 'unprovisioned';

export interface LabLineStatus {
  /** 1 … n, the vendor's own number. */
  line: number;
  user: string;
  server: string;
  registered: boolean;
}

export interface LabPhoneStatus {
  mac: string;
  vendor: LabVendor;
  model: string;
  address: string;
  state: LabPhoneState;
  firmware: string;
  /** Boots since the lab started, the first one included. */
  bootCount: number;
  lines: LabLineStatus[];
  /** When the last configuration was applied. */
  provisionedAt: Date | null;
  /** Why the last attempt failed; null after a success. */
  lastError: string | null;
  /** How many parameters the phone holds. */
  parameters: number;
  /** The provisioning URL in use, without credentials. */
  server: string;
}

/** What happens in the lab, in the order in which it happens. */
export type LabEvent = { mac: string; at: Date } & (
  | { type: 'boot'; bootCount: number }
  | { type: 'request'; method: string; url: string; status: number; userAgent: string }
  | { type: 'provisioned'; occasion: Occasion; changed: number }
  | { type: 'registered'; line: number; user: string }
  | { type: 'unregistered'; line: number; user: string }
  | { type: 'running' }
  | { type: 'failed'; reason: string }
  | { type: 'firmware'; version: string; result: 'installed' | 'refused' }
  | { type: 'reboot'; cause: string }
  | { type: 'offline' }
  | { type: 'control'; method: string; path: string; status: number }
  | { type: 'notify'; event: string; status: number }
  | { type: 'message'; text: string }
);

/** Why a phone provisions. Cisco reports it as `$PRVST` (cisco.md 3). */
export type Occasion = 'boot' | 'poll' | 'request' | 'retry';

export interface LabOptions {
  phones: readonly LabPhoneSpec[];
  /** PEM of the CA that the phones trust beside what they are given later. Without it: the public roots. */
  ca?: string;
  /** Must the server's certificate name the host? Default true; a phone's own parameter overrides it. */
  checkServerName?: boolean;
  /** Port of every phone's control interface; 0 (default) = any free one. */
  controlPort?: number;
  /** Port of every phone's SIP interface, UDP and TCP. Default 5060; 0 = any free one. */
  sipPort?: number;
  /** 1 = real time; 20 = a reboot of 60 s takes 3 s. Default 1. */
  speed?: number;
  /** How many phones may provision at the same moment. Default 64. */
  bootConcurrency?: number;
  /** Present a factory certificate of the lab's vendor CA, CN = MAC. Default false. */
  clientCertificates?: boolean;
  /** All requests leave from this address, as behind a NAT. Default: each phone's own. */
  natAddress?: string;
  onEvent?(event: LabEvent): void;
}
