/** Whether a phone runs the parameters that it was given, for those that restarted over it. */
import type { ProbeResult } from '../../tasks/action.ts';
import type { RunningParameter } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { isPhonectlError } from '../errors.ts';
import type { ControlContent } from './kinds.ts';
import { type ControlContext, loadPhone } from './phone.ts';

export async function probeParameters(
  context: ControlContext,
  transport: DeviceTransport,
  deviceId: number,
  { input }: ControlContent,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const phone = await loadPhone(context, deviceId);
  if ('reason' in phone) return { done: undefined, seen: phone.reason, stop: true };
  const { running } = phone.driver.actions;
  if (running === undefined) return { done: undefined, seen: 'the phone does not tell what it runs', stop: true };
  const wanted = Object.entries((input?.['parameters'] ?? {}) as Readonly<Record<string, string>>);
  try {
    const names = wanted.map(([name]) => name);
    const found = await running.read(phone.target, names, transport, signal);
    const missing = wanted.find(([name, value]) => !isSet(found, name, value));
    if (missing !== undefined) return { done: false, seen: `it runs another value of ${missing[0]}` };
    return { done: true, evidence: `${wanted.length} read back after it restarted` };
  } catch (error) {
    if (signal.aborted) return { done: undefined, seen: 'it was being asked when the time was over' };
    if (!isPhonectlError(error)) throw error;
    return { done: undefined, seen: error.message };
  }
}

/** A value that the phone does not show must at least come from a layer of its own. */
function isSet(found: readonly RunningParameter[], name: string, value: string): boolean {
  const parameter = found.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (parameter === undefined) return false;
  return parameter.value === undefined
    ? parameter.layer === 'web' || parameter.layer === 'device'
    : parameter.value === value;
}
