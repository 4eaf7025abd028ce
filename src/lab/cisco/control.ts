/** Cisco's control interface: direct action URLs, XML service push, SIP NOTIFY (cisco.md 6–8). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import type { SipRequest } from '../sip-message.ts';
import type { CiscoPhone } from './phone.ts';

export async function answerCisco(
  _phone: CiscoPhone,
  _services: LabServices,
  _request: ControlRequest,
): Promise<ControlReply> {
  return { status: 404 };
}

export function ciscoNotify(
  _phone: CiscoPhone,
  _services: LabServices,
  _event: string,
  _params: ReadonlyMap<string, string>,
  _request: SipRequest,
): SipOutcome {
  return { status: 489 };
}
