/** DIAG-21: CPU and memory of phones, now and over the last days. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceSelector } from '../../domain/selector.ts';
import { pause } from '../../tasks/pause.ts';
import type { Performance } from '../../vendors/commands.ts';
import type { OperationContext } from '../context.ts';
import { type AskOptions, askPhones, reading } from '../control/ask.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevices } from '../devices/references.ts';
import { isPhonectlError } from '../errors.ts';
import type { LoadSample } from '../ports/readings.ts';

/** One answer of one phone. */
export interface PerformanceReport extends Performance {
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** What is kept of one phone, in order of time. */
export interface PerformanceHistory {
  readonly device: string;
  readonly name: string;
  readonly samples: readonly (Performance & { readonly at: string })[];
}

/** Samples are kept as long as the syslog of phones (DIAG-10). */
const KEPT = 7 * 86_400_000;

const NOTHING: Performance = { cpu: null, cpuAverage: null, memoryUsed: null, memoryTotal: null };

/** A row per phone and sample; phones that do not tell have one row. What they tell is kept. */
export async function* performances(
  context: OperationContext,
  { samples, every, ...options }: AskOptions & { readonly samples: number; readonly every: number },
): AsyncGenerator<PerformanceReport> {
  const silent = new Set<number>();
  for (let sample = 1; sample <= samples; sample++) {
    for await (const { deviceId, ...report } of sampleOnce(context, options)) {
      if (silent.has(deviceId)) continue;
      if (report.result === 'not-applicable') silent.add(deviceId);
      yield report;
    }
    if (sample < samples) await sleep(every * 1000, undefined, { signal: context.signal });
  }
}

/** So many samples are written at once. */
const AT_ONCE = 500;

/** One round over the phones; what came of it is kept even when whoever asked reads no further. */
async function* sampleOnce(
  context: OperationContext,
  options: AskOptions,
): AsyncGenerator<PerformanceReport & { readonly deviceId: number }> {
  const told: LoadSample[] = [];
  const keep = async (): Promise<void> => {
    const samples = told.splice(0);
    const oldest = context.clock.now() - KEPT;
    await context.store.transaction(({ readings }) => readings.recordLoads(samples, oldest));
  };
  try {
    for await (const { answer, hint: _, ...asked } of askPhones(context, options, reading('performance', {}))) {
      const at = context.clock.now();
      if (answer !== undefined) told.push({ deviceId: asked.deviceId, at, ...answer });
      if (told.length === AT_ONCE) await keep();
      yield { ...asked, at: new Date(at).toISOString(), ...(answer ?? NOTHING) };
    }
  } finally {
    if (told.length > 0) await keep();
  }
}

/** What is kept of the last `since` milliseconds; a row for every selected phone. */
export async function* performanceHistory(
  context: OperationContext,
  { selector, since }: { readonly selector: DeviceSelector; readonly since: number },
): AsyncGenerator<PerformanceHistory> {
  const from = context.clock.now() - since;
  for await (const device of resolveDevices(context, selector)) {
    const kept = await context.read.readings.loads(device.id, from);
    yield {
      device: deviceLabel(device, device.id),
      name: device.name,
      samples: kept.map(({ deviceId: _, at, ...told }) => ({ at: new Date(at).toISOString(), ...told })),
    };
  }
}

/** Beside serving phones it must not be felt. */
const QUIETLY = 20;

/** Asks all phones that can tell, every so many milliseconds, until the signal aborts; part of `serve`. */
export async function keepSampling(
  context: OperationContext,
  every: number,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  const over = { ...context, signal };
  while (!signal.aborted) {
    try {
      for await (const _ of sampleOnce(over, { selector: { all: true }, concurrency: QUIETLY }));
    } catch (error) {
      // A fleet without a phone is none that troubles.
      const empty = isPhonectlError(error) && error.code === 'not_found';
      if (!signal.aborted && !empty) onTrouble(`The load of phones could not be read: ${messageOf(error)}`);
    }
    await pause(every, signal);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
