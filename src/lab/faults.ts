/** What a phone answers that has something wrong with it, whatever it is asked. */
import type { ControlReply } from './control-hub.ts';
import type { Authenticator } from './digest.ts';
import type { LabFaults, LabVendor } from './types.ts';

/** Null where nothing keeps it from answering. Counts what it is told to do so many times. */
export function faultyReply(faults: LabFaults, vendor: LabVendor, authenticator: Authenticator): ControlReply | null {
  if (faults.redirect !== undefined) return { status: 302, headers: { Location: faults.redirect } };
  if (faults.refuse === 403) return { status: 403 };
  if (faults.refuse === 401) {
    return { status: 401, headers: { 'WWW-Authenticate': authenticator.challenges('phone', ['basic', 'digest-md5']) } };
  }
  if (faults.busy !== undefined && faults.busy !== false && faults.busy !== 0) {
    if (typeof faults.busy === 'number') faults.busy--;
    return { status: vendor === 'poly' ? 403 : 503 };
  }
  return null;
}
