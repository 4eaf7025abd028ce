/** SIP NOTIFY to a Yealink phone (yealink.md B3, B5, B6). */

import type { Notify } from '../behaviour.ts';
import { LabError } from '../errors.ts';
import type { SipOutcome } from '../sip-hub.ts';
import { pressKeys } from './keys.ts';
import type { YealinkPhone } from './phone.ts';
import { showXml } from './xml-objects.ts';

const KNOWN = ['check-sync', 'action-uri', 'yealink-xml'];

export function yealinkNotify(phone: YealinkPhone, notify: Notify): SipOutcome {
  const { event, params, request, remoteAddress } = notify;
  if (!KNOWN.includes(event))
    return { status: 489, headers: [['Allow-Events', 'check-sync, ACTION-URI, Yealink-xml']] };
  const line = phone.lineFor(request);
  if (line === undefined) return { status: 481 };
  // sip.trust_ctrl: only the server the line is registered at may speak (yealink.md B3).
  if (phone.isOn('sip.trust_ctrl') && remoteAddress !== line.server) return { status: 403 };
  switch (event) {
    case 'check-sync':
      return checkSync(phone, params.get('reboot') === 'true');
    case 'action-uri':
      return { status: 200, after: () => void keysIn(request.body).every((key) => pressKeys(phone, key)) };
    default:
      return pushed(phone, request.body);
  }
}

/** Provisions, and reboots as sip.notify_reboot_enable says: 0 if asked for, 1 always, 2 never. */
function checkSync(phone: YealinkPhone, isAsked: boolean): SipOutcome {
  const mode = phone.setting('sip.notify_reboot_enable');
  const reboots = mode === '1' || (mode === '0' && isAsked);
  return { status: 200, after: () => (reboots ? void phone.reboot('check-sync') : phone.provisionSoon('request')) };
}

function keysIn(body: string): string[] {
  return body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('key='))
    .map((line) => line.slice('key='.length).trim());
}

function pushed(phone: YealinkPhone, body: string): SipOutcome {
  if (!phone.isOn('push_xml.sip_notify')) return { status: 403 };
  try {
    showXml(phone, body);
    return { status: 200 };
  } catch (error) {
    if (error instanceof LabError && error.code === 'unparsable') return { status: 400 };
    throw error;
  }
}
