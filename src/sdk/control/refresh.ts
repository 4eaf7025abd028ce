/** Asking many devices how they are, and keeping what they say (DEV-26). */
import type { SipStatus } from '../../domain/device.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { DeviceStatus } from '../../vendors/driver.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import type { Reading } from '../ports/readings.ts';
import { deviceLabel, requireSome } from './phone.ts';
import { askStatus, type StatusAnswer, sipOf } from './status.ts';
import { phoneTransport } from './transport.ts';
import { inWindow } from './window.ts';

/** What came of asking one device. */
export interface RefreshResult {
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable' | 'skipped';
  readonly reason: string | null;
  readonly firmware: string | null;
  readonly sip: SipStatus | null;
}

interface RefreshInput {
  readonly selector: DeviceSelector;
  readonly concurrency?: number;
  readonly plainBasic?: boolean;
  readonly dryRun?: boolean | undefined;
}

const REFRESH_CONCURRENCY = 100;

/** Asks devices how they are, many at a time, and keeps the answers; yields each device as it is known. */
export async function* refreshDevices(context: OperationContext, input: RefreshInput): AsyncGenerator<RefreshResult> {
  const devices: { id: number; mac: string | null; serial: string | null; name: string }[] = [];
  for await (const { id, mac, serial, name } of resolveDevices(context, input.selector)) {
    devices.push({ id, mac, serial, name });
  }
  requireSome(devices.length);
  if (input.dryRun === true) {
    for (const device of devices) yield result(device, { result: 'skipped', reason: 'dry run: would be asked' });
    return;
  }
  const transport = await phoneTransport(context, input);
  const answers = inWindow(devices, input.concurrency ?? REFRESH_CONCURRENCY, async (device) => {
    const asked = await askStatus(context, device.id, transport, context.signal);
    return { device, asked, at: context.clock.now() };
  });
  const object = `devices (${devices.length})`;
  let answered = 0;
  let batch: Answer[] = [];
  let writtenAt = performance.now();
  for await (const answer of answers) {
    context.signal.throwIfAborted();
    batch.push(answer);
    if (batch.length < WRITTEN_AT_ONCE && performance.now() - writtenAt < WRITTEN_EVERY) continue;
    // Of what is written piece by piece the operation log has the beginning and the end.
    const readings = toReadings(batch);
    if (answered === 0) {
      await context.write(async (repositories) => {
        await repositories.readings.record(readings);
        return [undefined, { object, result: 'done', details: { phase: 'started' } }];
      });
    } else await context.store.transaction((repositories) => repositories.readings.record(readings));
    answered += readings.length;
    yield* batch.map(toRefreshResult);
    batch = [];
    writtenAt = performance.now();
  }
  const readings = toReadings(batch);
  answered += readings.length;
  await context.write(async (repositories) => {
    await repositories.readings.record(readings);
    return [undefined, { object, result: answered === devices.length ? 'done' : 'partial', details: { answered } }];
  });
  yield* batch.map(toRefreshResult);
}

interface Answer {
  readonly device: Named;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly asked: StatusAnswer;
}

/** A transaction for each answer would be a disk for each phone. */
const WRITTEN_AT_ONCE = 200;
/** Milliseconds. */
const WRITTEN_EVERY = 1000;

function toReadings(answers: readonly Answer[]): readonly Reading[] {
  return answers.flatMap(({ device, at, asked }) =>
    'status' in asked ? [toReading(device.id, at, asked.status)] : [],
  );
}

function toReading(deviceId: number, at: number, { model, firmware, inCall, lines }: DeviceStatus): Reading {
  const told = lines?.flatMap(({ line, user, state }) => (state === 'unknown' ? [] : [{ line, user, state }]));
  return {
    deviceId,
    at,
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    ...(inCall !== undefined && { inCall }),
    // A phone that answers, but does not tell whether it is registered, takes nothing away from what it reported.
    ...(lines !== undefined && told !== undefined && told.length > 0 && { sip: sipOf(lines), lines: told }),
  };
}

type Named = {
  readonly id: number;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string;
};

function toRefreshResult({ device, asked }: Answer): RefreshResult {
  if ('status' in asked) {
    const { firmware, lines } = asked.status;
    return result(device, {
      result: 'success',
      firmware: firmware ?? null,
      sip: lines === undefined ? null : sipOf(lines),
    });
  }
  return result(device, { result: asked.applicable ? 'failure' : 'not-applicable', reason: asked.reason });
}

function result(device: Named, what: Partial<RefreshResult> & Pick<RefreshResult, 'result'>): RefreshResult {
  return {
    device: deviceLabel(device, device.id),
    name: device.name,
    reason: null,
    firmware: null,
    sip: null,
    ...what,
  };
}
