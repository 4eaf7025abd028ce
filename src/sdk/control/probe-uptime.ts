/** Whether a phone was down since a command: its own uptime tells. */
import type { ProbeResult } from '../../tasks/action.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { isPhonectlError } from '../errors.ts';
import { type ControlContext, loadPhone } from './phone.ts';

/**
 * Phones that took the command from us, and whether they have been silent since: Yealink phones tell no uptime, and their
 * "setup completed" is lost where no server hears it.
 */
export type Silence = Map<number, boolean>;

/**
 * The phone's own uptime: it rebooted if it has been up for less time than has passed since the command. Phones count
 * whole seconds, so one more is added: never believe too early.
 */
export async function probeUptime(
  context: ControlContext,
  transport: DeviceTransport,
  deviceId: number,
  elapsed: number,
  signal: AbortSignal,
  { silence, forgets }: { readonly silence: Silence; readonly forgets: boolean },
): Promise<ProbeResult> {
  const phone = await loadPhone(context, deviceId);
  if ('reason' in phone) return { done: undefined, seen: phone.reason, stop: true };
  const { status } = phone.driver.actions;
  if (phone.unreachable !== undefined || phone.withoutLogin || status.notApplicable(phone.target) !== undefined) {
    return { done: undefined, seen: 'the phone cannot be asked itself', stop: true };
  }
  try {
    const { uptimeSeconds } = await status.read(phone.target, transport, signal);
    if (uptimeSeconds === undefined) {
      return silence.get(deviceId) === true
        ? { done: true, evidence: 'it stopped answering after the command, and answers again' }
        : { done: undefined, seen: 'it answers, but does not tell how long it is up' };
    }
    if ((uptimeSeconds + 1) * 1000 <= elapsed)
      return { done: true, evidence: `up for ${uptimeSeconds} s, says the phone` };
    return { done: false, seen: `it has been up for ${uptimeSeconds} s` };
  } catch (error) {
    if (signal.aborted) return { done: undefined, seen: 'it was being asked when the time was over' };
    if (!isPhonectlError(error)) throw error;
    // Back as it left the factory, it does not know the password that it was given, with which it took the order.
    if (forgets && error.details['login'] === 'refused')
      return { done: true, evidence: 'it no longer knows the password that it was given' };
    // The interface over which it took the order is off in the factory.
    if (forgets && error.details['interface'] === 'closed')
      return { done: true, evidence: 'it no longer lets in whom it was told to let in' };
    if (error.code !== 'unreachable' && error.code !== 'timeout')
      return { done: undefined, seen: error.message.replace(/\.$/, '') };
    const taken = silence.has(deviceId);
    if (taken) silence.set(deviceId, true);
    return { done: undefined, seen: 'it does not answer', silent: taken };
  }
}
