/** How the SDK reaches phones, and what came of what was sent: a failure, or a command that may have arrived. */

import type { DeviceTransport } from '../../vendors/transport.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { Store } from '../ports/store.ts';

/**
 * The transport for one operation: phones show certificates of the authorities that are trusted for their vendor, where
 * there are any. `plainBasic` sends Basic over plain HTTP where a phone asks for it.
 */
export async function phoneTransport(
  { store }: { readonly store: Pick<Store, 'read'> },
  { plainBasic = false }: { readonly plainBasic?: boolean | undefined } = {},
): Promise<DeviceTransport> {
  const [{ deviceTransport }, authorities] = await Promise.all([
    import('../../net/transport.ts'),
    store.read.trust.list(),
  ]);
  return deviceTransport({ plainBasic, authorities });
}

export interface ObservedTransport extends DeviceTransport {
  /** True when a request left us whole or in part and was not answered: the phone may have acted on it. */
  readonly unanswered: boolean;
}

/**
 * The same transport, with a look at what came of each request. With `once`, nothing more is sent after a request that
 * was not answered: another way to the same phone could do a second time what has been done already.
 */
export function observe(transport: DeviceTransport, options: { readonly once: boolean }): ObservedTransport {
  let unanswered = false;
  async function watch<T>(send: () => Promise<T>): Promise<T> {
    if (unanswered && options.once) {
      throw new PhonectlError('unreachable', 'Not sent: the request before it was not answered and may have worked.');
    }
    try {
      return await send();
    } catch (error) {
      // A connection that was never made carried nothing.
      if (!(isPhonectlError(error) && error.details['sent'] === false)) unanswered = true;
      throw error;
    }
  }
  return {
    get unanswered() {
      return unanswered;
    },
    http: (request) => watch(() => transport.http(request)),
    notify: (request) => watch(() => transport.notify(request)),
  };
}
