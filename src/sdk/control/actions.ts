/** What the task engine does to phones, through their drivers: one `TaskAction` per kind of task. */
import type { AttemptOutcome, TaskAction } from '../../tasks/action.ts';
import type { AttemptResult, Driver } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { Captures, captureAction, isCaptureTask, type TellCapture } from '../captures/action.ts';
import { changeAction, type DiagnosisInput, endAction } from '../diagnosis/action.ts';
import { isPhonectlError } from '../errors.ts';
import { firmwareAction, type GivingRun } from '../firmware/action.ts';
import type { FirmwareInput } from '../firmware/choice.ts';
import type { Evidence } from '../ports/evidence.ts';
import { pushAction, type Tell } from '../push/action.ts';
import { Inspector } from '../push/inspect.ts';
import { type ResourceInput, resourceAction } from '../resources/action.ts';
import { type Bound, bindCommand, type ControlContent, type ControlType, type Kind, kindOf } from './kinds.ts';
import { type ControlContext, loadPhone, type Phone } from './phone.ts';
import { probeParameters } from './probe-parameters.ts';
import { probeUptime, type Silence } from './probe-uptime.ts';
import { forgetLayers, forgetsLogin } from './reset.ts';
import { observe } from './transport.ts';

/** The engine's action for a type of control task. */
export function controlAction(
  type: ControlType,
  stored: ControlContent,
  context: ControlContext,
  transport: DeviceTransport,
  run: GivingRun,
): TaskAction {
  const kind = kindOf(type);
  const content = opened(stored, context);
  const proofs = new Map<number, Bound>();
  const silence: Silence = new Map();

  async function send(
    deviceId: number,
    over: DeviceTransport,
    signal: AbortSignal,
    bind: (driver: Driver) => Bound = (driver) => kind.bind(driver, content),
  ): Promise<AttemptOutcome> {
    const phone = await loadPhone(context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const bound = bind(phone.driver);
    const reason = bound.notApplicable(phone.target);
    if (reason !== undefined) return { outcome: 'not-applicable', reason };
    const blocked = blockedReason(phone, content);
    if (blocked !== undefined) return blocked;
    proofs.set(deviceId, bound);
    const observed = observe(over, { once: !kind.repeatable });
    const result = await bound.run(phone.target, observed, {
      ...(content.via !== undefined && { via: content.via }),
      ...(content.force !== undefined && { force: content.force }),
      signal,
    });
    if (result.outcome === 'accepted') silence.set(deviceId, false);
    if (result.outcome === 'accepted' && type === 'reset') await forgetLayers(context, phone, content);
    return outcomeOf(result, observed.unanswered);
  }

  function attempt(deviceId: number, signal: AbortSignal, over: DeviceTransport = transport): Promise<AttemptOutcome> {
    return send(deviceId, over, signal).catch(failed);
  }

  const tell: Tell = (deviceId, over, signal) => attempt(deviceId, signal, over);
  if (type === 'config-push') return pushAction(context, transport, tell);
  if (type === 'diagnosis') {
    // Checked when the task was made.
    const input = content.input as unknown as DiagnosisInput;
    return changeAction(context, input, pushAction(context, transport, tell), new Inspector(context, transport));
  }
  const tellCapture: TellCapture = (deviceId, command, input, signal) =>
    send(deviceId, transport, signal, (driver) => bindCommand(driver, command, input)).catch(failed);
  if (type === 'diagnosis-end') {
    const captures = new Captures(context, tellCapture);
    const push = pushAction(context, transport, tell);
    return endAction(context, push, new Inspector(context, transport), (deviceId, signal) =>
      captures.cancel(deviceId, signal),
    );
  }
  if (type === 'firmware') {
    // Checked when the task was made.
    const input = content.input as unknown as FirmwareInput;
    return firmwareAction(context, transport, tell, input, { ...run, force: content.force === true });
  }
  if (type === 'resource') {
    return resourceAction(context, transport, tell, content.input as unknown as ResourceInput, run);
  }
  if (isCaptureTask(type)) return captureAction(context, type, content, tellCapture);
  const forgets = type === 'reset' && forgetsLogin(content);
  return {
    repeatable: kind.repeatable,
    attempt: (deviceId, signal) => attempt(deviceId, signal),
    recall: async (deviceId, { accepted, silent }) => {
      const phone = await loadPhone(context, deviceId);
      if (!('reason' in phone)) proofs.set(deviceId, kind.bind(phone.driver, content));
      if (accepted) silence.set(deviceId, silent);
    },
    proof: (evidence) =>
      proofOf(kind, evidence) ??
      (forgets ? cameAnew(evidence) : undefined) ??
      proofs.get(evidence.deviceId)?.proof?.(evidence),
    ...(kind.uptime && {
      probe: (deviceId: number, elapsed: number, signal: AbortSignal) =>
        probeUptime(context, transport, deviceId, elapsed, signal, {
          silence,
          forgets,
        }),
    }),
    ...(type === 'set' && {
      probe: (deviceId: number, _elapsed: number, signal: AbortSignal) =>
        probeParameters(context, transport, deviceId, content, signal),
    }),
  };
}

/** The content with its secrets in the input. Throws `wrong_key`. */
function opened({ sealed, ...content }: ControlContent, { secrets }: ControlContext): ControlContent {
  if (sealed === undefined) return content;
  const secret = JSON.parse(secrets.open(Buffer.from(sealed.value, 'base64'), sealed.row)) as object;
  return { ...content, input: { ...content.input, ...secret } };
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
      return {
        outcome: 'accepted',
        via: result.via,
        ...(result.evidence !== undefined && { evidence: result.evidence }),
      };
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
  if (isPhonectlError(error) && !STORE_TROUBLE.has(error.code)) return { outcome: 'refused', reason: error.message };
  throw error;
}

/** Nothing that the phone is to blame for. */
const STORE_TROUBLE: ReadonlySet<string> = new Set(['locked', 'disk_full', 'disk_error', 'damaged', 'no_home']);

/** It had a login of its own, and comes without: what it was told to forget it has forgotten. */
function cameAnew({ kind, at }: Evidence): string | undefined {
  return kind === 'enrolment' ? `came as one from the factory at ${new Date(at).toISOString()}` : undefined;
}

function proofOf(kind: Kind, evidence: Evidence): string | undefined {
  if (evidence.kind !== kind.proof?.kind) return undefined;
  return `${kind.proof.words} at ${new Date(evidence.at).toISOString()}`;
}
