/** What all drivers' actions share: trying transports in order, and telling what an answer or a failure means. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPhonectlError, PhonectlError } from '../sdk/errors.ts';
import type { AttemptResult, ControlTarget, Line } from './driver.ts';
import type { DeviceRequest, DeviceResponse, DeviceTransport } from './transport.ts';

/** One way of making a phone do something. */
export interface Way {
  readonly name: string;
  readonly run: () => Promise<AttemptResult>;
}

export interface AttemptOptions {
  readonly via?: string;
  readonly force?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Tries the ways in order until one is accepted or the phone is busy. With `via` only that one. When none is accepted,
 * what the phone itself refused says more than that another way could not reach it.
 */
export async function firstAccepted(ways: readonly Way[], options: AttemptOptions): Promise<AttemptResult> {
  const chosen = options.via === undefined ? ways : ways.filter(({ name }) => name === options.via);
  let best: AttemptResult = {
    outcome: 'not-applicable',
    reason: `there is no way ${options.via ?? ''} to do this here`,
  };
  for (const [index, way] of chosen.entries()) {
    const result = await attempt(way.run);
    if (result.outcome === 'accepted' || result.outcome === 'busy') return result;
    if (index === 0 || rank(result) > rank(best)) best = result;
  }
  return best;
}

function rank(result: AttemptResult): number {
  return { 'not-applicable': 0, unreachable: 1, refused: 2, busy: 3, accepted: 4 }[result.outcome];
}

/** Turns what a transport throws into an outcome; anything else is a fault of ours and passes. */
async function attempt(run: () => Promise<AttemptResult>): Promise<AttemptResult> {
  try {
    return await run();
  } catch (error) {
    if (!isPhonectlError(error)) throw error;
    if (error.code === 'unreachable' || error.code === 'timeout')
      return { outcome: 'unreachable', reason: error.message };
    if (error.code === 'certificate') {
      return {
        outcome: 'refused',
        reason: error.message,
        hint: 'The certificate of what answers does not belong to this phone.',
      };
    }
    throw error;
  }
}

/** Why a phone that cannot be dialled is out of reach. */
export const NO_ADDRESS: AttemptResult = {
  outcome: 'unreachable',
  reason: 'no address is known at which the phone can be dialled',
};

export const WRONG_PASSWORD: AttemptResult = {
  outcome: 'refused',
  reason: 'the phone does not accept the admin password that phonectl has for it',
  hint: 'It may not have fetched its configuration yet, or somebody changed the password at the phone.',
};

/** The base of a phone's control interface without a slash at the end, or `undefined` when it cannot be dialled. */
export function controlBase(target: ControlTarget): string | undefined {
  return target.controlUrl?.replace(/\/+$/, '');
}

/** A request to the phone with its admin login. */
export async function ask(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  request: Pick<DeviceRequest, 'method' | 'headers' | 'body'> & { readonly path: string; readonly maxBytes?: number },
): Promise<DeviceResponse> {
  const { path, ...rest } = request;
  return transport.http({
    ...rest,
    url: `${controlBase(target) ?? ''}${path}`,
    auth: target.admin,
    vendor: target.vendor,
    ...(target.mac === undefined ? {} : { pinnedMac: target.mac }),
    signal,
  });
}

/** SIP NOTIFY to the phone's first registered line. Answers of RFC 3261 are told as outcomes. */
export async function notify(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  event: string,
  content?: { readonly type: string; readonly body: string },
): Promise<AttemptResult> {
  if (target.sipHost === undefined) return NO_ADDRESS;
  const line: Line | undefined = target.lines.find(({ type }) => type === 'sip');
  const result = await transport.notify({
    host: target.sipHost,
    port: target.sipPort ?? 5060,
    protocol: line?.transport === 'tcp' ? 'tcp' : 'udp',
    user: line?.username ?? target.mac ?? 'phone',
    domain: line?.server || target.sipHost,
    event,
    ...(content !== undefined && { contentType: content.type, body: content.body }),
    ...(line === undefined ? {} : { auth: { username: line.authName || line.username, password: line.password } }),
    signal,
  });
  const answer = `${result.status} ${result.reason}`.trim();
  if (result.status >= 200 && result.status < 300) return { outcome: 'accepted', via: 'sip', detail: answer };
  if (result.status === 486 || result.status === 480 || result.status === 503)
    return { outcome: 'busy', reason: `the phone answers ${answer} to NOTIFY` };
  return {
    outcome: 'refused',
    reason: `the phone answers ${answer} to NOTIFY`,
    hint: 'Many phones take NOTIFY only from their registrar; send it through the PBX.',
  };
}

/** Waits, unless the action is given up meanwhile. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}

/** The text of an answer; phones say UTF-8 or nothing. */
export function textOf(response: DeviceResponse): string {
  return new TextDecoder().decode(response.body);
}

/** What asking a phone throws when it answers, but not with what was asked for. */
export function statusError(reason: string, hint?: string): PhonectlError {
  return new PhonectlError('conflict', `The phone does not tell: ${reason}.`, {
    hints: hint === undefined ? [] : [hint],
  });
}

/** The same, because of the password; `details.login` says so to programs. */
export function loginError(): PhonectlError {
  return new PhonectlError(
    'conflict',
    'The phone does not tell: it does not accept the admin password that phonectl has for it.',
    { details: { login: 'refused' } },
  );
}

/** The same, because the phone has the interface switched off, or lets nobody in; `details.interface` says so to programs. */
export function closedError(reason: string, hint: string): PhonectlError {
  return new PhonectlError('conflict', `The phone does not tell: ${reason}.`, {
    hints: [hint],
    details: { interface: 'closed' },
  });
}

/** Thrown by reading the status of a phone that cannot be dialled. */
export function noAddressError(target: ControlTarget): PhonectlError {
  return new PhonectlError(
    'unreachable',
    `No address is known at which ${target.name || target.mac || 'the phone'} can be dialled.`,
    {
      hints: ['Name one: phonectl device edit … --control-url URL'],
    },
  );
}
