/** The port through which drivers reach phones (`vendors/transport.ts`), on real sockets. */
import type { SecureContext } from 'node:tls';
import { PhonectlError } from '../sdk/errors.ts';
import type { DeviceRequest, DeviceResponse, DeviceTransport, SipNotify, SipResult } from '../vendors/transport.ts';
import type { PhoneAuthority } from './connect.ts';
import { DEFAULT_TIMEOUT, exchange } from './http.ts';
import { KeyedMutex } from './mutex.ts';
import { notify } from './sip/client.ts';

export interface DeviceTransportOptions {
  /** PEM of the phone vendors' authorities. Where a vendor has any, one of them must have signed its phones' certificates. */
  readonly authorities?: readonly (Omit<PhoneAuthority, 'certificate'> & { readonly pem: string })[];
  /** Oldest TLS that is spoken. Default TLSv1.2; older phones have their own place (design.md section 6). */
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Sends Basic over plain HTTP where a phone asks for it. Default false. */
  readonly plainBasic?: boolean;
  /** Milliseconds for a whole HTTP exchange whose request names none. Default 10 s. */
  readonly timeout?: number;
}

/**
 * Makes the transport. One request at a time per phone (by host), any number of phones at once. Phones are named by
 * their certificate's MAC, never by host name. Holds no connection open between requests: nothing to close.
 */
export function deviceTransport(options: DeviceTransportOptions = {}): DeviceTransport {
  const mutex = new KeyedMutex();
  const byVendor = Map.groupBy((options.authorities ?? []).map(readAuthority), ({ vendor }) => vendor);
  // One for all phones: building it per connection is most of the cost of a handshake (toolchain.md section 6).
  let shared: SecureContext | undefined;
  function secureContext(): SecureContext {
    shared ??= process.getBuiltinModule('node:tls').createSecureContext({
      minVersion: options.minVersion ?? 'TLSv1.2',
    });
    return shared;
  }

  async function http(request: DeviceRequest): Promise<DeviceResponse> {
    return mutex.run(hostKey(request.url), request.signal, async () => {
      const limit = request.timeout ?? options.timeout ?? DEFAULT_TIMEOUT;
      const deadline = new Deadline(limit, request.signal);
      try {
        return await exchange(request, {
          context: secureContext(),
          authorities: byVendor.get(request.vendor ?? '') ?? [],
          plainBasic: options.plainBasic ?? false,
          signal: deadline.signal,
        });
      } finally {
        deadline.clear();
      }
    });
  }

  function sip(request: SipNotify): Promise<SipResult> {
    return mutex.run(request.host.toLowerCase(), request.signal, () => notify(request));
  }

  return { http, notify: sip };
}

function readAuthority({
  pem,
  ...authority
}: NonNullable<DeviceTransportOptions['authorities']>[number]): PhoneAuthority {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  return { ...authority, certificate: new X509Certificate(pem) };
}

/** Requests to one phone queue up whatever port they go to. An invalid URL is refused by the exchange itself. */
function hostKey(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** A signal that aborts with our `timeout` error, or with the caller's reason; cheaper than AbortSignal.any + timeout. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal;
  readonly #forward = (): void => this.#controller.abort(this.#outer.reason);

  constructor(milliseconds: number, outer: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new PhonectlError('timeout', `No answer within ${milliseconds / 1000} s.`));
    }, milliseconds);
    if (outer.aborted) this.#forward();
    else outer.addEventListener('abort', this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#forward);
  }
}
