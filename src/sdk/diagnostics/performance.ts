/** DIAG-21: CPU and memory of phones, as often as is wanted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Performance } from '../../vendors/commands.ts';
import type { OperationContext } from '../context.ts';
import { type AskOptions, askPhones, reading } from '../control/ask.ts';

export interface PerformanceReport extends Performance {
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** ISO 8601. */
  readonly at: string;
}

const NOTHING: Performance = { cpu: null, cpuAverage: null, memoryUsed: null, memoryTotal: null };

/** A row per phone and sample; phones that do not tell have one row. */
export async function* performances(
  context: OperationContext,
  { samples, every, ...options }: AskOptions & { readonly samples: number; readonly every: number },
): AsyncGenerator<PerformanceReport> {
  const silent = new Set<number>();
  for (let sample = 1; sample <= samples; sample++) {
    for await (const { deviceId, device, name, result, reason, answer } of askPhones(
      context,
      options,
      reading('performance', {}),
    )) {
      if (silent.has(deviceId)) continue;
      if (result === 'not-applicable') silent.add(deviceId);
      const at = new Date(context.clock.now()).toISOString();
      yield { device, name, result, reason, at, ...(answer ?? NOTHING) };
    }
    if (sample < samples) await sleep(every * 1000, undefined, { signal: context.signal });
  }
}
