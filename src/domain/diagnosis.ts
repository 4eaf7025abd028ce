/**
 * What is set on phones while a fault is looked for (DIAG-04..11, DIAG-22), in words that fit all vendors. Levels are the
 * severities of syslog (RFC 5424, 6.2.1), whatever the phone counts.
 */

/** By their number; the higher, the more is said. */
export const SEVERITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const;

export type Severity = (typeof SEVERITIES)[number];

export const LOG_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type LogTransport = (typeof LOG_TRANSPORTS)[number];

/** What one change says; what it leaves out stays as it is. */
export interface DiagnosisChange {
  /** DIAG-04: of everything that the phone logs. */
  readonly level?: Severity;
  /** DIAG-05: by the vendor's name of the module; `all` for every one. */
  readonly modules?: Readonly<Record<string, Severity>>;
  /** DIAG-06: the log that the phone keeps itself. */
  readonly local?: {
    readonly on?: boolean;
    readonly level?: Severity;
    /** Kilobytes. */
    readonly size?: number;
    readonly usbExport?: boolean;
  };
  /** DIAG-07. Without a server it is switched off. */
  readonly syslog?: {
    readonly server?: string;
    readonly port?: number;
    readonly transport?: LogTransport;
    readonly level?: Severity;
    /** 0 to 23. */
    readonly facility?: number;
    readonly prependMac?: boolean;
  };
  /** DIAG-09, DIAG-10: uploads of the log; to our own server without a URL. */
  readonly backup?: {
    readonly on: boolean;
    readonly url?: string;
    readonly username?: string;
    readonly password?: string;
    readonly method?: 'put' | 'post';
    readonly mode?: 'append' | 'overwrite';
    /** Minutes between two uploads. */
    readonly every?: number;
  };
  /** DIAG-22: recordings are sent to our server when they end. */
  readonly recordings?: boolean;
}

/** DIAG-08: what comes out of a module is what both let through: its own level, and that of where it goes. */
export function effectiveLevel(own: Severity, sink: Severity): Severity {
  return SEVERITIES.indexOf(own) < SEVERITIES.indexOf(sink) ? own : sink;
}

/** What a phone's log settings come to; null where the vendor has no such setting. */
export interface LogSettings {
  readonly level: Severity | null;
  readonly local: { readonly on: boolean; readonly level: Severity | null; readonly size: number | null } | null;
  readonly syslog: {
    readonly server: string;
    readonly port: number | null;
    readonly transport: LogTransport;
    readonly level: Severity | null;
    readonly facility: number | null;
    readonly prependMac: boolean;
  } | null;
  readonly backup: { readonly url: string; readonly every: number | null } | null;
  /** Modules with a level of their own. */
  readonly modules: Readonly<Record<string, Severity>>;
  readonly recordings: boolean | null;
}
