/** SIP NOTIFY to a Cisco phone (cisco.md 8). */

import type { Notify } from '../behaviour.ts';
import type { LabServices } from '../services.ts';
import type { SipOutcome } from '../sip-hub.ts';
import { sipHeader } from '../sip-message.ts';
import type { CiscoPhone } from './phone.ts';

const REALM = 'cisco';
const EVENTS = 'check-sync, resync, reboot, reboot_now, restart_now, report, prt-gen';

/** Challenged with the line's credential unless Auth_Resync-Reboot_n_ is No; needs Resync_From_SIP. */
export function ciscoNotify(phone: CiscoPhone, services: LabServices, { event, request }: Notify): SipOutcome {
  const act = actionOf(phone, event);
  if (act === undefined) return { status: 489, headers: [['Allow-Events', EVENTS]] };
  if (!phone.isYes('Resync_From_SIP')) return { status: 403 };
  const line = phone.lineFor(request);
  if (line === undefined) return { status: 481 };
  if (phone.parameters.text(`Auth_Resync-Reboot_${line.line}_`) !== 'No') {
    const credential = {
      username: phone.parameters.text(`Auth_ID_${line.line}_`) || line.user,
      password: line.password,
    };
    const isProven = services.authenticator.accepts(
      sipHeader(request, 'authorization'),
      'NOTIFY',
      [credential],
      REALM,
      ['digest-md5'],
    );
    if (!isProven) {
      return {
        status: 401,
        headers: services.authenticator.challenges(REALM, ['digest-md5']).map((value) => ['WWW-Authenticate', value]),
      };
    }
  }
  return { status: 200, after: () => phone.background(act) };
}

function actionOf(phone: CiscoPhone, event: string): (() => unknown) | undefined {
  switch (event) {
    case 'check-sync':
    case 'resync':
      return () => phone.provision('request');
    case 'reboot':
    case 'reboot_now':
      return () => phone.reboot(event);
    case 'restart_now':
      return () => phone.restart(event);
    case 'report':
      return () => phone.reportNow();
    case 'prt-gen':
      return () => phone.uploadProblemReport();
    default:
      return undefined;
  }
}
