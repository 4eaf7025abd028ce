/** CALL-04: which calls phones have, as they say or as they reported last. */
import type { PhoneCall } from '../../vendors/commands.ts';
import type { OperationContext } from '../context.ts';
import { type AskOptions, askPhones, reading } from '../control/ask.ts';

export interface CallReport {
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** Null when nothing is known. */
  readonly inCall: boolean | null;
  /** `phone`: it was asked; `events`: what it reported by itself. */
  readonly source: 'phone' | 'events' | null;
  readonly calls: readonly PhoneCall[];
}

export async function* callStatus(context: OperationContext, options: AskOptions): AsyncGenerator<CallReport> {
  for await (const { deviceId, answer, ...asked } of askPhones(context, options, reading('calls', {}))) {
    const { device, name, result, reason } = asked;
    if (answer !== undefined) {
      yield { device, name, result, reason, inCall: answer.length > 0, source: 'phone', calls: answer };
      continue;
    }
    const [record] = await context.read.devices.byIds([deviceId], context.scope);
    const told = record !== undefined && record.facts.callAt !== null;
    const inCall = told ? record.facts.call === 'in-call' : null;
    yield { device, name, result, reason, inCall, source: told ? 'events' : null, calls: [] };
  }
}
