/** How devices are: what the phone says when it is asked, beside what the server has seen of it (DEV-29, DEV-30). */
import type { SipStatus } from '../../domain/device.ts';
import type { DeviceStatus } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import { type ControlContext, deviceLabel, loadPhone } from './phone.ts';
import { phoneTransport } from './transport.ts';

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
  const asked = await askStatus(context, id, await phoneTransport(context, input), context.signal);
  return 'status' in asked ? report(context, id, asked.status, null) : report(context, id, undefined, asked.reason);
}

export type StatusAnswer =
  | { readonly status: DeviceStatus }
  | { readonly reason: string; readonly applicable: boolean };

/** Asks the phone. What stands in the way is a reason, not an error: many phones are asked at once. */
export async function askStatus(
  context: ControlContext,
  deviceId: number,
  transport: DeviceTransport,
  signal: AbortSignal,
): Promise<StatusAnswer> {
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
