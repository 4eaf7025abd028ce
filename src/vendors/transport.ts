/** The narrow port through which drivers' actions reach a phone. `src/net` implements it; tests fake it. */

export interface DeviceRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Absolute URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Basic and Digest are both answered; which one the phone asks for decides. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** The MAC that the phone's certificate must name, where it has one. */
  readonly pinnedMac?: string;
  /** Its vendor: an authority that is trusted for it must have signed the certificate, where there is one. */
  readonly vendor?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeout?: number;
  /** Bytes of the answer that are read at the most. Default 5 MB. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

export interface DeviceResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SipNotify {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  /** User part and domain of the request URI. */
  readonly user: string;
  readonly domain: string;
  /** Value of the Event header, such as `check-sync;reboot=true`. */
  readonly event: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly signal: AbortSignal;
}

export interface SipResult {
  readonly status: number;
  readonly reason: string;
}

export interface DeviceTransport {
  /** Never follows a redirect to another host. Throws `unreachable`, `timeout` or `certificate`. */
  http(request: DeviceRequest): Promise<DeviceResponse>;
  /** Resolves with the final answer; throws `timeout` when none came in RFC 3261's time. */
  notify(request: SipNotify): Promise<SipResult>;
}
