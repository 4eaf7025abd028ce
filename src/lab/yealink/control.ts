/** Yealink's control interface: Action URI, XML push, screen (yealink.md B). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import type { SipRequest } from '../sip-message.ts';
import type { YealinkPhone } from './phone.ts';

export async function answerYealink(
  _phone: YealinkPhone,
  _services: LabServices,
  _request: ControlRequest,
): Promise<ControlReply> {
  return { status: 404 };
}

/** check-sync: provisions, and reboots as sip.notify_reboot_enable says (yealink.md B6). */
export function yealinkNotify(
  phone: YealinkPhone,
  event: string,
  params: ReadonlyMap<string, string>,
  _request: SipRequest,
): SipOutcome {
  if (event !== 'check-sync') return { status: 489, headers: [['Allow-Events', 'check-sync']] };
  const mode = phone.setting('sip.notify_reboot_enable');
  const reboots = mode === '1' || (mode === '0' && params.get('reboot') === 'true');
  return { status: 200, then: () => (reboots ? void phone.reboot('check-sync') : phone.provisionSoon('request')) };
}
