/** Leading a Cisco phone here that nobody manages yet: our authority, then a resync with our rule (cisco.md 6). */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, controlBase, NO_ADDRESS, WRONG_PASSWORD } from '../attempts.ts';
import type { Action, Adoption, AttemptResult, ControlTarget } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { CA_FILE, cannot } from '../support.ts';
import type { DeviceTransport } from '../transport.ts';
import { profileRule } from './base.ts';

/** Milliseconds between two orders: the phone carries each of them out after it has answered. */
const BETWEEN = 2_000;

export function createAdopt(knowledge: Knowledge): Action<Adoption> {
  return {
    transports: ['action-url'],
    notApplicable: (device) => cannot(knowledge, device, 'deviceControl'),
    async run(target, { serverUrl, bootstrapUrl, caCertificate }, transport, { signal }) {
      if (controlBase(target) === undefined) return NO_ADDRESS;
      if (caCertificate !== undefined && bootstrapUrl === undefined) return UNTRUSTED;
      const orders = [
        ...(caCertificate === undefined ? [] : [`updateca?${bootstrapUrl}${CA_FILE}`]),
        `resync?${encodeURIComponent(profileRule({ serverUrl }))}`,
        // What came has its own rule, with its own login.
        'resync',
      ];
      for (const [index, order] of orders.entries()) {
        if (index > 0) await sleep(BETWEEN, undefined, { signal });
        const result = await give(order, target, transport, signal);
        // After the last but one it may have our configuration, and with it another password.
        if (result === WRONG_PASSWORD && index === orders.length - 1) break;
        if (result.outcome !== 'accepted') return result;
      }
      return { outcome: 'accepted', via: 'action-url' };
    },
  };
}

const UNTRUSTED: AttemptResult = {
  outcome: 'refused',
  reason: 'the phone does not know the authority of this server, and can fetch it over plain HTTP only',
  hint: 'Run `phonectl serve --bootstrap-http ADDRESS:80 --from CIDR`, and give --bootstrap http://ADDRESS/.',
};

async function give(
  order: string,
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const { status } = await ask(target, transport, signal, { method: 'GET', path: `/admin/${order}` });
  if (status >= 200 && status < 400) return { outcome: 'accepted', via: 'action-url' };
  if (status === 401) return WRONG_PASSWORD;
  return {
    outcome: 'refused',
    reason: `the phone answers HTTP ${status}`,
    hint: 'Its web page must allow administration and direct action URLs (Enable_Direct_Action_Url).',
  };
}
