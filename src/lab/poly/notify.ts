/** SIP NOTIFY to a Poly phone (poly.md A.7, C.7). */

import type { Notify } from '../behaviour.ts';
import type { SipOutcome } from '../sip-hub.ts';
import { isTrue } from './config.ts';
import { runRest } from './control.ts';
import type { PolyPhone } from './phone.ts';

/**
 * A check-sync makes the phone look; it only reboots when something changed, or always if so configured.
 * ACTION-URI carries a REST call. Its 200 proves nothing: errors would come in an INFO that the lab does not send.
 */
export function polyNotify(phone: PolyPhone, { event, request }: Notify): SipOutcome {
  const { parameters } = phone;
  const isBound = phone.lineFor(request) !== undefined;
  if (event === 'check-sync') {
    if (!isBound) return { status: 481 };
    const always = isTrue(parameters.get('voIpProt.SIP.specialEvent.checkSync.alwaysReboot'));
    return { status: 200, after: () => (always ? void phone.reboot('check-sync') : phone.provisionSoon('request')) };
  }
  if (event !== 'action-uri') return { status: 489, headers: [['Allow-Events', 'check-sync']] };
  if (!isBound && parameters.get('apps.restapi.sipNotify.bindRequired') !== '0') return { status: 481 };
  const isEnabled = isTrue(parameters.get('apps.restapi.sipNotify.enabled'));
  return { status: 200, after: () => phone.background(() => isEnabled && act(phone, request.body)) };
}

async function act(phone: PolyPhone, body: string): Promise<void> {
  const path = /"command-URI"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  if (path !== undefined) await runRest(phone, 'POST', path, '', body);
}
