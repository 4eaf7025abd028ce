/** How devices are: what the phone says when it is asked, beside what the server has seen of it (DEV-29, DEV-30). */
import type { SipStatus } from '../../domain/device.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { DeviceStatus } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { Reading } from '../ports/readings.ts';
import { type ControlContext, deviceLabel, loadPhone, requireSome } from './phone.ts';

/** DEV-30's details. What is not known is null ("N/A" for people). */
export interface StatusReport {
  readonly device: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Address that its requests come from. */
  readonly remoteIp: string | null;
  /** Its own address. */
  readonly hostIp: string | null;
  readonly registerTo: string | null;
  readonly sip: SipStatus;
  readonly inCall: boolean | null;
  readonly uptimeSeconds: number | null;
  readonly lines: readonly LineReport[];
  /** ISO 8601. */
  readonly seenAt: string | null;
  /** `phone`: it was asked and answered; `server`: what was seen last. */
  readonly source: 'phone' | 'server';
  /** Why the phone itself was not asked, or did not answer. */
  readonly reason: string | null;
}

/** ACCT-14: number and extension of each line. */
export interface LineReport {
  readonly line: number;
  readonly account: string | null;
  readonly user: string | null;
  readonly server: string | null;
  readonly state: 'registered' | 'unregistered' | 'unknown';
}

interface StatusInput {
  readonly device: string;
  readonly plainBasic?: boolean;
  /** Only what the server knows; the phone is left alone. */
  readonly offline?: boolean;
}

export async function readStatus(context: OperationContext, input: StatusInput): Promise<StatusReport> {
  const { id } = await resolveDevice(context, input.device);
  if (input.offline === true) return report(context, id, undefined, 'not asked');
  const asked = await ask(context, id, await transportFor(input), context.signal);
  return 'status' in asked ? report(context, id, asked.status, null) : report(context, id, undefined, asked.reason);
}

type Asked = { readonly status: DeviceStatus } | { readonly reason: string; readonly applicable: boolean };

/** Asks the phone. What stands in the way is a reason, not an error: many phones are asked at once. */
async function ask(
  context: ControlContext,
  deviceId: number,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<Asked> {
  const phone = await loadPhone(context, deviceId);
  if ('reason' in phone) return { reason: phone.reason, applicable: false };
  const { status } = phone.driver.actions;
  const reason = status.notApplicable(phone.target);
  if (reason !== undefined) return { reason, applicable: false };
  if (phone.unreachable !== undefined) return { reason: phone.unreachable, applicable: true };
  if (phone.withoutLogin) {
    return {
      reason: 'phonectl has no admin password for it: it has not fetched a configuration yet',
      applicable: true,
    };
  }
  try {
    return { status: await status.read(phone.target, transport, signal) };
  } catch (error) {
    if (!isPhonectlError(error)) throw error;
    return { reason: error.message, applicable: true };
  }
}

async function transportFor({ plainBasic }: { readonly plainBasic?: boolean }): Promise<DeviceTransport> {
  const { deviceTransport } = await import('../../net/transport.ts');
  return deviceTransport({ plainBasic: plainBasic === true });
}

async function report(
  context: OperationContext,
  deviceId: number,
  status: DeviceStatus | undefined,
  reason: string | null,
): Promise<StatusReport> {
  const [device] = await context.read.devices.byIds([deviceId], context.scope);
  if (device === undefined) throw new PhonectlError('not_found', 'The device was deleted meanwhile.');
  const { facts } = device;
  const asked = status?.lines === undefined ? 'unknown' : sipOf(status.lines);
  const lines = mergeLines(device.lines, facts.lines, status?.lines ?? []);
  return {
    device: deviceLabel(device, device.id),
    name: device.name,
    vendor: device.vendor ?? facts.vendor,
    model: status?.model ?? facts.model ?? device.model,
    firmware: status?.firmware ?? facts.firmware,
    remoteIp: facts.publicIp,
    hostIp: facts.reportedIp ?? device.privateIp,
    registerTo: lines.find(({ server }) => server !== null)?.server ?? null,
    sip: asked === 'unknown' ? facts.sip : asked,
    inCall: status?.inCall ?? (facts.callAt === null ? null : facts.call === 'in-call'),
    uptimeSeconds: status?.uptimeSeconds ?? null,
    lines,
    seenAt: facts.seenAt === null ? null : new Date(facts.seenAt).toISOString(),
    source: status === undefined ? 'server' : 'phone',
    reason,
  };
}

interface AssignedLine {
  readonly line: number;
  readonly name: string;
  readonly username: string;
  readonly server: string;
}

type Known = Readonly<Record<string, unknown>>;

/**
 * The lines that were assigned, and any other that the phone has. What the phone says now beats what was seen before,
 * unless it does not tell.
 */
function mergeLines(
  assigned: readonly AssignedLine[],
  seen: readonly Known[],
  told: NonNullable<DeviceStatus['lines']>,
): readonly LineReport[] {
  const states = new Map<number, Known>(seen.map((line) => [Number(line['line']), line]));
  for (const line of told) {
    const before = states.get(line.line);
    const state = line.state === 'unknown' ? lineState(before?.['state']) : line.state;
    states.set(line.line, { ...before, ...line, state });
  }
  const own = assigned.map(({ line, name, username, server }): LineReport => {
    const said = states.get(line);
    states.delete(line);
    return {
      line,
      account: name,
      user: username,
      server: typeof said?.['server'] === 'string' ? said['server'] : server || null,
      state: lineState(said?.['state']),
    };
  });
  const others = [...states].map(
    ([line, said]): LineReport => ({
      line,
      account: null,
      user: typeof said['user'] === 'string' ? said['user'] : null,
      server: typeof said['server'] === 'string' ? said['server'] : null,
      state: lineState(said['state']),
    }),
  );
  return [...own, ...others].sort((a, b) => a.line - b.line);
}

function lineState(state: unknown): LineReport['state'] {
  return state === 'registered' || state === 'unregistered' ? state : 'unknown';
}

/** DEV-27: over all lines. */
export function sipOf(lines: NonNullable<DeviceStatus['lines']>): SipStatus {
  const registered = lines.filter(({ state }) => state === 'registered').length;
  if (lines.length === 0 || lines.every(({ state }) => state === 'unknown')) return 'unknown';
  if (registered === lines.length) return 'registered';
  return registered > 0 ? 'partial' : 'unregistered';
}

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
  const transport = await transportFor(input);
  const size = input.concurrency ?? REFRESH_CONCURRENCY;
  for (let start = 0; start < devices.length; start += size) {
    context.signal.throwIfAborted();
    const batch = devices.slice(start, start + size);
    if (input.dryRun === true) {
      for (const device of batch) yield result(device, { result: 'skipped', reason: 'dry run: would be asked' });
      continue;
    }
    const answers = await Promise.all(
      batch.map(async (device) => ({ device, asked: await ask(context, device.id, transport, context.signal) })),
    );
    const at = context.clock.now();
    const readings = answers.flatMap(({ device, asked }) =>
      'status' in asked ? [toReading(device.id, at, asked.status)] : [],
    );
    await context.write(async (repositories) => {
      await repositories.readings.record(readings);
      const outcome = readings.length === batch.length ? 'done' : 'partial';
      return [
        undefined,
        { object: `devices (${batch.length})`, result: outcome, details: { answered: readings.length } },
      ];
    });
    for (const { device, asked } of answers) yield toRefreshResult(device, asked);
  }
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

function toRefreshResult(device: Named, asked: Asked): RefreshResult {
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
