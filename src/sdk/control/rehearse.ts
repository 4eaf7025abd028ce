/** Dry runs of control tasks: what would be done to each device, and what stands in the way already. */
import type { OperationContext } from '../context.ts';
import type { Placed } from '../tasks/targets.ts';
import { type ControlContent, type ControlType, notApplicable, transportsOf } from './kinds.ts';
import { deviceLabel, loadPhone } from './phone.ts';
import type { ControlResult, Finished } from './run.ts';

/** What would be done to each device. Nothing is sent. */
export async function rehearse(
  context: OperationContext,
  type: ControlType,
  content: ControlContent,
  devices: readonly Placed[],
): Promise<Finished> {
  const results: ControlResult[] = [];
  for (const device of devices) {
    context.signal.throwIfAborted();
    results.push(await foresee(context, type, content, device));
  }
  const count = (result: ControlResult['result']): number => results.filter((each) => each.result === result).length;
  const summary = {
    total: results.length,
    success: 0,
    failure: count('failure'),
    notApplicable: count('not-applicable'),
    skipped: count('skipped'),
    pending: 0,
  };
  return { type: 'finished', state: 'scheduled', summary, results };
}

async function foresee(
  context: OperationContext,
  type: ControlType,
  content: ControlContent,
  device: Placed,
): Promise<ControlResult> {
  const base = {
    device: deviceLabel(device, device.id),
    name: device.name,
    code: null,
    via: null,
    evidence: null,
    attempts: 0,
  };
  const phone = await loadPhone(context, device.id);
  const reason = 'reason' in phone ? phone.reason : notApplicable(type, content, phone);
  if (reason !== undefined || 'reason' in phone) {
    return { ...base, result: 'not-applicable', code: 'unsupported', reason: reason ?? null };
  }
  if (phone.unreachable !== undefined) {
    return { ...base, result: 'failure', code: 'unreachable', reason: phone.unreachable };
  }
  const via = content.via ?? transportsOf(type, phone.driver)[0] ?? null;
  const address = phone.target.controlUrl ?? '';
  return { ...base, result: 'skipped', via, reason: `dry run: ${type} over ${via ?? 'nothing'} at ${address}` };
}
