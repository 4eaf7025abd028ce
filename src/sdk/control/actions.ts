/** What the task engine does to phones, through their drivers: one `TaskAction` per kind of task. */
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { Action, AttemptResult, Driver } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { isPhonectlError } from '../errors.ts';
import type { Evidence, EvidenceKind } from '../ports/evidence.ts';
import { pushAction } from '../push/action.ts';
import { type ControlContext, loadPhone, type Phone } from './phone.ts';
import { observe } from './transport.ts';

export const CONTROL_TYPES = ['reboot', 'check-sync', 'config-push'] as const;
export type ControlType = (typeof CONTROL_TYPES)[number];

/** Parameters of a control task, as they are stored with it. */
export interface ControlContent {
  /** One of the driver's transports; without it the driver's order. */
  readonly via?: string;
  /** Also in the middle of a call. */
  readonly force?: boolean;
  /** Sends Basic over plain HTTP where a phone asks for it. */
  readonly plainBasic?: boolean;
}

interface Kind {
  readonly action: (driver: Driver) => Action;
  readonly proof: EvidenceKind;
  readonly words: string;
  readonly repeatable: boolean;
  /** Whether the phone's own uptime tells that it did it. */
  readonly uptime: boolean;
}

const KINDS: Readonly<Record<ControlType, Kind>> = {
  reboot: {
    action: (driver) => driver.actions.reboot,
    proof: 'boot',
    words: 'booted',
    repeatable: false,
    uptime: true,
  },
  'check-sync': {
    action: (driver) => driver.actions.checkSync,
    proof: 'fetch',
    words: 'fetched its configuration',
    repeatable: true,
    uptime: false,
  },
  'config-push': {
    action: (driver) => driver.actions.checkSync,
    proof: 'fetch',
    words: 'fetched its configuration',
    repeatable: true,
    uptime: false,
  },
};

/** Name in results when a phone is acted on in a way that it was not asked for by name. */
export function transportsOf(type: ControlType, driver: Driver): readonly string[] {
  return KINDS[type].action(driver).transports;
}

/** Why this phone cannot be told to, known before anything is sent. */
export function notApplicable(type: ControlType, { driver, target }: Phone): string | undefined {
  return KINDS[type].action(driver).notApplicable(target);
}

/** The engine's action for a type of control task. */
export function controlAction(
  type: ControlType,
  content: ControlContent,
  context: ControlContext,
  transport: DeviceTransport,
): TaskAction {
  const kind = KINDS[type];

  async function send(deviceId: number, over: DeviceTransport, signal: AbortSignal): Promise<AttemptOutcome> {
    const phone = await loadPhone(context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const reason = notApplicable(type, phone);
    if (reason !== undefined) return { outcome: 'not-applicable', reason };
    const blocked = blockedReason(phone, content);
    if (blocked !== undefined) return blocked;
    const observed = observe(over, { once: !kind.repeatable });
    const result = await kind.action(phone.driver).run(phone.target, undefined, observed, {
      ...(content.via !== undefined && { via: content.via }),
      ...(content.force !== undefined && { force: content.force }),
      signal,
    });
    return outcomeOf(result, observed.unanswered);
  }

  function attempt(deviceId: number, signal: AbortSignal, over: DeviceTransport = transport): Promise<AttemptOutcome> {
    return send(deviceId, over, signal).catch(failed);
  }

  if (type === 'config-push') {
    return pushAction(context, transport, (deviceId, over, signal) => attempt(deviceId, signal, over));
  }
  return {
    repeatable: kind.repeatable,
    attempt: (deviceId, signal) => attempt(deviceId, signal),
    proof: (evidence) => proofOf(kind, evidence),
    ...(kind.uptime && {
      probe: (deviceId: number, elapsed: number, signal: AbortSignal) =>
        probeUptime(context, transport, deviceId, elapsed, signal),
    }),
  };
}

/** What stops an action before the driver is asked. Asking again in a moment would not help. */
function blockedReason(phone: Phone, { via }: ControlContent): AttemptOutcome | undefined {
  if (phone.unreachable !== undefined)
    return { outcome: 'unreachable', reason: phone.unreachable, sent: false, retry: false };
  if (phone.withoutLogin && via !== 'sip') {
    return {
      outcome: 'refused',
      reason: 'it has not fetched a configuration yet, so phonectl has no admin password for it',
    };
  }
  return undefined;
}

function outcomeOf(result: AttemptResult, unanswered: boolean): AttemptOutcome {
  switch (result.outcome) {
    case 'accepted':
      return { outcome: 'accepted', via: result.via };
    case 'not-applicable':
      return { outcome: 'not-applicable', reason: result.reason };
    case 'busy':
      return {
        outcome: 'busy',
        reason: result.reason,
        ...(result.retryAfter !== undefined && { retryAfter: result.retryAfter }),
      };
    case 'refused':
      return {
        outcome: 'refused',
        reason: result.hint === undefined ? result.reason : `${result.reason}. ${result.hint}`,
      };
    case 'unreachable':
      return { outcome: 'unreachable', reason: result.reason, sent: unanswered };
  }
}

/** A driver or its data failed on this one phone: its result says so, and the others go on. */
function failed(error: unknown): AttemptOutcome {
  if (isPhonectlError(error) && error.code !== 'locked' && error.code !== 'disk_full' && error.code !== 'damaged') {
    return { outcome: 'refused', reason: error.message };
  }
  throw error;
}

function proofOf(kind: Kind, evidence: Evidence): string | undefined {
  if (evidence.kind !== kind.proof) return undefined;
  return `${kind.words} at ${new Date(evidence.at).toISOString()}`;
}

/**
 * The phone's own uptime: it rebooted if it has been up for less time than has passed since the command. Phones count
 * whole seconds, so one more is added: never believe too early.
 */
async function probeUptime(
  context: ControlContext,
  transport: DeviceTransport,
  deviceId: number,
  elapsed: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const phone = await loadPhone(context, deviceId);
  if ('reason' in phone) return { done: undefined, seen: phone.reason, stop: true };
  const { status } = phone.driver.actions;
  if (phone.unreachable !== undefined || phone.withoutLogin || status.notApplicable(phone.target) !== undefined) {
    return { done: undefined, seen: 'the phone cannot be asked itself', stop: true };
  }
  try {
    const { uptimeSeconds } = await status.read(phone.target, transport, signal);
    if (uptimeSeconds === undefined)
      return { done: undefined, seen: 'it answers, but does not tell how long it is up' };
    if ((uptimeSeconds + 1) * 1000 <= elapsed)
      return { done: true, evidence: `up for ${uptimeSeconds} s, says the phone` };
    return { done: false, seen: `it has been up for ${uptimeSeconds} s` };
  } catch (error) {
    if (signal.aborted) return { done: undefined, seen: 'it was being asked when the time was over' };
    if (!isPhonectlError(error)) throw error;
    const silent = error.code === 'unreachable' || error.code === 'timeout';
    return { done: undefined, seen: silent ? 'it does not answer' : error.message };
  }
}
