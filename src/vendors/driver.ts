/**
 * What phonectl knows of one vendor's phones (design.md section 5). A driver is pure where it can be: identifying,
 * naming files, rendering and parsing do no I/O and read no clock; actions get a narrow transport port.
 */
import type { DiagnosisChange, LogSettings } from '../domain/diagnosis.ts';
import type { Effective, LayerSource, Parameter } from '../domain/effective.ts';
import type { Commands, Readings } from './commands.ts';
import type { DeviceTransport } from './transport.ts';

export type Vendor = 'poly' | 'yealink' | 'cisco';

/** What a phone's request shows of it. Header names in lower case. */
export interface PhoneRequest {
  readonly method: string;
  /** Decoded path, without query. */
  readonly path: string;
  readonly userAgent: string;
  /** Subject of a verified client certificate, as `CN=…,O=…`. */
  readonly certificateSubject?: string;
}

export interface Identification {
  readonly vendor: Vendor;
  /** 0 to 100; the highest wins, ties by the vendor's name. */
  readonly score: number;
  readonly mac?: string;
  /** Name as in the model catalogue. */
  readonly model?: string;
  /** Application firmware; never the updater's (poly.md C.6). */
  readonly firmware?: string;
  readonly serial?: string;
}

/** One line of a device: the account that sits on it, opened. */
export interface Line {
  /** 1-based. */
  readonly line: number;
  readonly type: 'sip' | 'sfb' | 'yms' | 'cloud' | 'h323';
  readonly username: string;
  readonly authName: string;
  readonly password: string;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
  readonly port?: number;
  readonly transport?: 'udp' | 'tcp' | 'tls' | 'dns';
  readonly server2: string;
  readonly port2?: number;
}

export interface RenderDevice {
  readonly mac?: string;
  readonly serial?: string;
  readonly vendor: Vendor;
  readonly model?: string;
  readonly firmware?: string;
  readonly name: string;
  readonly lines: readonly Line[];
}

/** What the base layer is made of; the same for every phone but for its own secrets. */
export interface BaseContext {
  /** `https://prov.example.net/`, with a slash at the end. */
  readonly serverUrl: string;
  /** The phone's own provisioning credential; absent in classic shared mode until one exists. */
  readonly credential?: { readonly username: string; readonly password: string };
  readonly adminPassword?: string;
  /** Minutes since midnight in the phone's time; polls are spread over it (PROV-02). */
  readonly pollWindow: { readonly start: number; readonly end: number };
  /** Callback URL of this very phone, with its event secret; ends without a slash. */
  readonly eventUrl: string;
  /** Addresses that control commands come from, for allow lists on phones. */
  readonly controlAddresses: readonly string[];
  /** PEM of our CA when the server's certificate is signed by it. */
  readonly caCertificate?: string;
  /** Where it sends its syslog. */
  readonly syslog?: { readonly server: string; readonly port: number; readonly transport: 'udp' | 'tcp' | 'tls' };
  /** Parameters that the operator asked to leave out, such as those of a shared account. */
  readonly timeServer?: string;
}

/** What the bootstrap file is made of. */
export interface BootstrapContext extends Pick<BaseContext, 'serverUrl' | 'caCertificate' | 'timeServer'> {
  /** Where the phone fetches the bootstrap files, with a slash at the end; our CA is fetched from there too. */
  readonly bootstrapUrl?: string;
}

/** What one phone is told that is led here. */
export interface Adoption extends BootstrapContext {
  /** The provisioning account, for phones that show one when they come for the first time. */
  readonly account?: { readonly username: string; readonly password: string };
}

export interface RenderedFile {
  /** Name as the phone asks for it, relative to the base URL. */
  readonly name: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A file that the phone will ask for, in its order. */
export interface FileSpec {
  readonly name: string;
  /** `config` is rendered; `upload` comes back from the phone; `static` may be laid into the tree or a resource. */
  readonly kind: 'config' | 'upload' | 'static' | 'firmware';
}

export interface ParsedParameter extends Parameter {
  readonly line: number;
  readonly column: number;
}

export interface ParsedFile {
  readonly parameters: readonly ParsedParameter[];
  /** Files it refers to: Yealink includes, Poly CONFIG_FILES. */
  readonly references: readonly string[];
  /** Things understood but worth saying. */
  readonly warnings: readonly { readonly line: number; readonly column: number; readonly message: string }[];
}

/** What the catalogue says about a parameter. */
export interface CatalogueEntry {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'enum' | 'password' | 'url';
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  readonly default?: string;
  readonly causes?: 'nothing' | 'restart' | 'reboot';
  readonly secret: boolean;
  readonly description?: string;
  /** Models that have it, by name; all when absent. */
  readonly models?: readonly string[];
  /** Firmware that has it, such as `>=6.4.2`; all when absent. */
  readonly firmware?: string;
}

export interface Catalogue {
  /** Finds by name, case-insensitively; indexed families by their pattern. The entry's name has the right case and index. */
  find(name: string): CatalogueEntry | undefined;
  /** Names near a misspelt one, best first. */
  suggest(name: string, limit?: number): readonly string[];
  entries(): Iterable<CatalogueEntry>;
}

/** Result of one attempt to make a phone do something. `accepted` is not success: evidence is (design.md section 7). */
export type AttemptResult =
  | {
      readonly outcome: 'accepted';
      readonly via: string;
      readonly detail?: string;
      /** What showed already that the phone did it, in words. */
      readonly evidence?: string;
    }
  | { readonly outcome: 'not-applicable'; readonly reason: string }
  | { readonly outcome: 'busy'; readonly reason: string; readonly retryAfter?: number }
  | { readonly outcome: 'refused'; readonly reason: string; readonly hint?: string }
  | { readonly outcome: 'unreachable'; readonly reason: string };

/** What an action needs to know of the phone it talks to. */
export interface ControlTarget extends RenderDevice {
  /** `https://10.1.2.3` or what `--control-url` says; absent when the phone cannot be dialled. */
  readonly controlUrl?: string;
  /** Host for SIP: address and port. */
  readonly sipHost?: string;
  readonly sipPort?: number;
  readonly admin: { readonly username: string; readonly password: string };
  /** What its last event said of calls, for phones that cannot be asked (Yealink). */
  readonly inCall?: boolean;
  /** Addresses that the phone was told to take pushed texts from. */
  readonly controlAddresses?: readonly string[];
  /** Callback URL of this very phone, with its event secret; without a slash at the end. */
  readonly eventUrl?: string;
}

export interface Action<Input = void> {
  /** Transport names in order of preference, such as `rest`, `action-uri`, `sip`. */
  readonly transports: readonly string[];
  /** Why this device cannot do it, known before anything is sent. */
  notApplicable(device: RenderDevice): string | undefined;
  run(
    target: ControlTarget,
    input: Input,
    transport: DeviceTransport,
    options: { readonly via?: string; readonly force?: boolean; readonly signal: AbortSignal },
  ): Promise<AttemptResult>;
}

/** What a phone says of itself when asked. */
export interface DeviceStatus {
  readonly model?: string;
  readonly firmware?: string;
  readonly mac?: string;
  readonly uptimeSeconds?: number;
  readonly inCall?: boolean;
  readonly lines?: readonly {
    readonly line: number;
    readonly user: string;
    readonly state: 'registered' | 'unregistered' | 'unknown';
    readonly server?: string;
  }[];
}

/** A parameter as the phone runs it. */
export interface RunningParameter {
  readonly name: string;
  /** Absent where the phone does not show it, as with passwords. */
  readonly value?: string;
  /** The phone's own name of the layer that the value comes from, such as `web`; absent where it does not tell. */
  readonly layer?: string;
}

/** A layer that the phone keeps itself and puts above what it is given. */
export interface OverrideLayer {
  /** As `RunningParameter.layer` and `device reset --scope` call it. */
  readonly layer: string;
  /** How the name of the file ends in which the phone uploads it. */
  readonly upload: string;
}

/** Where a phone sends what it uploads. */
export interface DiagnosisPlaces {
  /** `https://prov.example.net/`, with a slash at the end. */
  readonly serverUrl: string;
  /** Callback URL of this very phone, with its event secret; without a slash at the end. */
  readonly eventUrl: string;
}

/** An event that a phone sent to its callback URL. */
export interface PhoneEvent {
  readonly kind: 'boot' | 'registered' | 'unregistered' | 'call' | 'idle' | 'dnd' | 'report' | 'provisioned' | 'other';
  readonly mac?: string;
  readonly line?: number;
  readonly user?: string;
  readonly address?: string;
  readonly firmware?: string;
  readonly model?: string;
  readonly detail?: Readonly<Record<string, string>>;
}

export interface Driver {
  readonly vendor: Vendor;
  readonly label: string;

  identify(request: PhoneRequest): Identification | undefined;

  /** The MAC that a path names, if it is one of this vendor's per-device names. */
  macInPath(path: string): string | undefined;

  /** What this device will ask for, in its order. */
  files(device: RenderDevice): readonly FileSpec[];

  /** Whether its phones upload what is left of a program that crashed under this name, whosever it is; in lower case. */
  isCrashFile?(name: string): boolean;

  /** The base layer. */
  base(device: RenderDevice, context: BaseContext): LayerSource;

  /** One source per line, for the accounts layer. */
  lines(device: RenderDevice): readonly LayerSource[];

  /** What makes its phones fetch firmware from our server, where the address alone would not let them in. */
  firmwareRule?(url: string, context: Pick<BaseContext, 'credential'>): Parameter;

  /** All configuration files of the device. Pure: same input, same bytes. */
  render(device: RenderDevice, effective: Effective): readonly RenderedFile[];

  /**
   * The one file of an enrolment window: own credential, CA, URL; no account (design.md section 6). Rendered under the
   * names the phone asks for first, so that whichever it fetches leads to the same end.
   */
  enrolment(device: RenderDevice, context: BaseContext): readonly RenderedFile[];

  /** Secret-free file that installs our CA and points at our URL; same for every phone of the vendor. */
  bootstrap(context: BootstrapContext): readonly RenderedFile[];

  /**
   * Parameters as one file of the vendor, for people; `parse` gives them back. Throws `invalid_input` for a name or a
   * value that no file can carry.
   */
  document(parameters: readonly Parameter[]): Omit<RenderedFile, 'name'> & { readonly extension: 'cfg' | 'xml' };

  /** Throws `invalid_file` with line and column in the details. */
  parse(name: string, body: Uint8Array): ParsedFile;

  readonly catalogue: Catalogue;

  /**
   * Whether a parameter decides who holds the phone: who logs in, where it provisions and as whom, whom it trusts, who
   * controls it (security.md W-02). A file that a phone or a person brings changes none of these unless that is asked for.
   */
  isProtected(name: string): boolean;

  /** Boot evidence that this request is, if it is one (Poly `Type/Updater`, Cisco `$PRVST=0`, …). */
  bootEvidence(request: PhoneRequest & { readonly query: string }): boolean;

  /** A text as its phones fetch it to show it; absent where they are sent it (Cisco XML services). */
  textPage?(text: string): { readonly contentType: string; readonly body: string };

  /**
   * What is set while a fault is looked for, as parameters of this phone; or why it cannot have it. Pure, as rendering is.
   */
  diagnosis(
    device: RenderDevice,
    change: DiagnosisChange,
    places: DiagnosisPlaces,
  ): { readonly parameters: readonly Parameter[] } | { readonly reason: string };

  /**
   * Parameters of a diagnosis that the phone keeps when its configuration no longer names them, with the values that undo
   * them: the vendor's own, as far as they are known.
   */
  kept(device: RenderDevice): Readonly<Record<string, string>>;

  /** What the phone's log settings come to. */
  logSettings(device: RenderDevice, effective: Effective): LogSettings;

  /** Events in a callback request; an empty list when it is none of this vendor's. */
  events(request: PhoneRequest & { readonly query: string; readonly body: Uint8Array }): readonly PhoneEvent[];

  /** Why a phone could not take firmware, where this line of its syslog says that; absent where no line does. */
  upgradeFailure?(line: string): string | undefined;

  /** What the phone sets above our configuration by itself, the strongest first. */
  readonly overrides: readonly OverrideLayer[];

  /** User name and password that phones of this vendor log in to with, when `adminPassword` was set by the base layer. */
  readonly adminUser: string;

  /** Why its phones send no ping and trace no way when they are asked to, in the words of results (DIAG-16, DIAG-17). */
  readonly noNetworkTools: string;

  readonly actions: {
    readonly reboot: Action;
    readonly status: {
      notApplicable(device: RenderDevice): string | undefined;
      read(target: ControlTarget, transport: DeviceTransport, signal: AbortSignal): Promise<DeviceStatus>;
    };
    readonly checkSync: Action;
    /** Reads what the phone runs; absent where no phone of the vendor can be asked. */
    readonly running?: {
      notApplicable(device: RenderDevice): string | undefined;
      /** Those of the parameters that the phone knows. Throws as `status.read` does. */
      read(
        target: ControlTarget,
        names: readonly string[],
        transport: DeviceTransport,
        signal: AbortSignal,
      ): Promise<readonly RunningParameter[]>;
    };
    /** Leads a phone here that nobody manages yet, with its own admin login (DEPLOY-06, DEPLOY-07). */
    readonly adopt: Action<Adoption>;
    readonly commands: Commands;
    readonly readings: Readings;
  };
}
