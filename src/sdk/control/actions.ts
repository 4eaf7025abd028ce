/** What the task engine does to phones, through their drivers: one `TaskAction` per kind of task. */
import type { AttemptOutcome, ProbeResult, TaskAction } from '../../tasks/action.ts';
import type { Command, CommandOptions, CommandType } from '../../vendors/commands.ts';
import type { Action, AttemptResult, ControlTarget, Driver, RenderDevice } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { isPhonectlError } from '../errors.ts';
import type { Evidence, EvidenceKind } from '../ports/evidence.ts';
import { pushAction } from '../push/action.ts';
import { type ControlContext, loadPhone, type Phone } from './phone.ts';
import { probeParameters } from './probe-parameters.ts';
import { forgetLayers } from './reset.ts';
import { observe } from './transport.ts';

/** Kinds of task that are commands of the drivers, by the name that people filter tasks by (REST-09, CALL-03). */
const COMMANDS = {
  restart: 'restart',
  reset: 'reset',
  dnd: 'dnd',
  message: 'message',
  key: 'key',
  set: 'set',
  dial: 'dial',
  'call-answer': 'answer',
  'call-hold': 'hold',
  'call-resume': 'resume',
  'call-end': 'end',
  'call-transfer': 'transfer',
} as const satisfies Readonly<Record<string, CommandType>>;

export type CommandTask = keyof typeof COMMANDS;
export type ControlType = 'reboot' | 'check-sync' | 'config-push' | CommandTask;

export const CONTROL_TYPES: readonly ControlType[] = [
  'reboot',
  'check-sync',
  'config-push',
  ...(Object.keys(COMMANDS) as CommandTask[]),
];

/** Parameters of a control task, as they are stored with it. */
export interface ControlContent {
  /** One of the driver's transports; without it the driver's order. */
  readonly via?: string;
  /** Also in the middle of a call. */
  readonly force?: boolean;
  /** Sends Basic over plain HTTP where a phone asks for it. */
  readonly plainBasic?: boolean;
  /** Of a command, as `CommandInputs` has it. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Further fields of the input that hold secrets: JSON, sealed for this row; base64. */
  readonly sealed?: { readonly row: string; readonly value: string };
}

/** A driver's action with its input in it. */
interface Bound {
  readonly transports: readonly string[];
  notApplicable(device: RenderDevice): string | undefined;
  run(target: ControlTarget, transport: DeviceTransport, options: CommandOptions): Promise<AttemptResult>;
  proof?(evidence: Evidence): string | undefined;
}

interface Kind {
  readonly bind: (driver: Driver, content: ControlContent) => Bound;
  /** What the server sees of it, whatever the vendor. */
  readonly proof?: { readonly kind: EvidenceKind; readonly words: string };
  readonly repeatable: boolean;
  /** Whether the phone's own uptime tells that it did it. */
  readonly uptime: boolean;
}

const BOOTED = { kind: 'boot', words: 'booted' } as const;
const FETCHED = { kind: 'fetch', words: 'fetched its configuration' } as const;

function kindOf(type: ControlType): Kind {
  switch (type) {
    case 'reboot':
      return { bind: ({ actions }) => plain(actions.reboot), proof: BOOTED, repeatable: false, uptime: true };
    case 'check-sync':
    case 'config-push':
      return { bind: ({ actions }) => plain(actions.checkSync), proof: FETCHED, repeatable: true, uptime: false };
    case 'restart':
    case 'reset':
      return { bind: commandOf(type), proof: BOOTED, repeatable: false, uptime: true };
    default:
      // Doing these twice is doing them once.
      return { bind: commandOf(type), repeatable: type === 'dnd' || type === 'set', uptime: false };
  }
}

function plain(action: Action): Bound {
  return {
    transports: action.transports,
    notApplicable: (device) => action.notApplicable(device),
    run: (target, transport, options) => action.run(target, undefined, transport, options),
  };
}

function commandOf(type: CommandTask): Kind['bind'] {
  return ({ actions }, { input = {} }) => {
    // The input was checked when the task was made, against the fields of this very command.
    const command = actions.commands[COMMANDS[type]] as Command<unknown>;
    return {
      transports: command.transports,
      notApplicable: (device) => command.notApplicable(device, input),
      run: (target, transport, options) => command.run(target, input, transport, options),
      proof: (evidence) => command.proof?.(evidence, input),
    };
  };
}

/** Name in results when a phone is acted on in a way that it was not asked for by name. */
export function transportsOf(type: ControlType, driver: Driver): readonly string[] {
  return kindOf(type).bind(driver, {}).transports;
}

/** Why this phone cannot be told to, known before anything is sent. */
export function notApplicable(
  type: ControlType,
  content: ControlContent,
  { driver, target }: Phone,
): string | undefined {
  return kindOf(type).bind(driver, content).notApplicable(target);
}

/** The engine's action for a type of control task. */
export function controlAction(
  type: ControlType,
  stored: ControlContent,
  context: ControlContext,
  transport: DeviceTransport,
): TaskAction {
  const kind = kindOf(type);
  const content = opened(stored, context);
  const proofs = new Map<number, Bound>();

  async function send(deviceId: number, over: DeviceTransport, signal: AbortSignal): Promise<AttemptOutcome> {
    const phone = await loadPhone(context, deviceId);
    if ('reason' in phone) return { outcome: 'not-applicable', reason: phone.reason };
    const bound = kind.bind(phone.driver, content);
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
    if (result.outcome === 'accepted' && type === 'reset') await forgetLayers(context, phone, content);
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
    proof: (evidence) => proofOf(kind, evidence) ?? proofs.get(evidence.deviceId)?.proof?.(evidence),
    ...(kind.uptime && {
      probe: (deviceId: number, elapsed: number, signal: AbortSignal) =>
        probeUptime(context, transport, deviceId, elapsed, signal, type === 'reset' && isFactory(content)),
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

function isFactory({ input }: ControlContent): boolean {
  return input?.['scope'] === 'factory';
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
  if (isPhonectlError(error) && error.code !== 'locked' && error.code !== 'disk_full' && error.code !== 'damaged') {
    return { outcome: 'refused', reason: error.message };
  }
  throw error;
}

function proofOf(kind: Kind, evidence: Evidence): string | undefined {
  if (evidence.kind !== kind.proof?.kind) return undefined;
  return `${kind.proof.words} at ${new Date(evidence.at).toISOString()}`;
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
  forgets: boolean,
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
    // Back as it left the factory, it does not know the password that it was given, with which it took the order.
    if (forgets && error.details['login'] === 'refused')
      return { done: true, evidence: 'it no longer knows the password that it was given' };
    const silent = error.code === 'unreachable' || error.code === 'timeout';
    return { done: undefined, seen: silent ? 'it does not answer' : error.message };
  }
}
