/** Asking many phones the same question: bounded, one answer or reason per phone. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { Reading, Readings } from '../../vendors/commands.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import { type ControlContext, deviceLabel, loadPhone, type Phone, requireSome } from './phone.ts';
import { phoneTransport } from './transport.ts';
import { inWindow } from './window.ts';

/** How one phone was asked. `answer` is there with `success` only. */
export interface Asked<T> {
  readonly deviceId: number;
  /** MAC, else serial number, else id. */
  readonly device: string;
  readonly name: string;
  readonly result: 'success' | 'failure' | 'not-applicable';
  readonly reason: string | null;
  /** What to do about it. */
  readonly hint: string | null;
  readonly answer?: T;
}

export interface AskOptions {
  readonly selector: DeviceSelector;
  readonly concurrency?: number;
  readonly plainBasic?: boolean;
}

/** `ask` throws for a phone that does not answer; what it returns as a reason is one that cannot. */
export type Ask<T> = (
  phone: Phone,
  transport: DeviceTransport,
  signal: AbortSignal,
) => Promise<{ readonly answer: T } | { readonly reason: string }>;

const CONCURRENCY = 100;

/** Asks the selected phones, many at a time, and yields each as it is known. Throws `not_found` when there is none. */
export async function* askPhones<T>(
  context: OperationContext,
  { selector, concurrency = CONCURRENCY, plainBasic }: AskOptions,
  ask: Ask<T>,
): AsyncGenerator<Asked<T>> {
  const ids: number[] = [];
  for await (const { id } of resolveDevices(context, selector)) ids.push(id);
  requireSome(ids.length);
  const transport = await phoneTransport(context, { plainBasic });
  for await (const asked of inWindow(ids, concurrency, (id) => askOne(context, id, transport, context.signal, ask))) {
    context.signal.throwIfAborted();
    yield asked;
  }
}

/** The driver's own question. */
export function reading<Name extends keyof Readings>(
  name: Name,
  input: InputOf<Readings[Name]>,
): Ask<ResultOf<Readings[Name]>> {
  return async ({ driver, target }, transport, signal) => {
    const read = driver.actions.readings[name] as Reading<unknown, ResultOf<Readings[Name]>>;
    const reason = read.notApplicable(target, input);
    if (reason !== undefined) return { reason };
    return { answer: await read.read(target, input, transport, signal) };
  };
}

type InputOf<R> = R extends Reading<infer Input, unknown> ? Input : never;
type ResultOf<R> = R extends Reading<never, infer Result> ? Result : never;

export async function askOne<T>(
  context: ControlContext,
  deviceId: number,
  transport: DeviceTransport,
  signal: AbortSignal,
  ask: Ask<T>,
): Promise<Asked<T>> {
  const phone = await loadPhone(context, deviceId);
  const { device } = phone;
  const base = {
    deviceId,
    device: device === undefined ? String(deviceId) : deviceLabel(device, deviceId),
    name: device?.name ?? '',
    reason: null,
    hint: null,
  };
  if ('reason' in phone) return { ...base, result: 'not-applicable', reason: phone.reason };
  try {
    const unreachable = phone.unreachable ?? (phone.withoutLogin ? NO_LOGIN : undefined);
    // What it can never do is said before what stands in the way today.
    const asked = unreachable === undefined ? await ask(phone, transport, signal) : await ask(phone, NOWHERE, signal);
    return 'answer' in asked
      ? { ...base, result: 'success', answer: asked.answer }
      : { ...base, result: 'not-applicable', reason: asked.reason };
  } catch (error) {
    if (!isPhonectlError(error)) throw error;
    const known = phone.unreachable ?? (phone.withoutLogin ? NO_LOGIN : undefined);
    const hint = known === undefined ? (error.hints[0] ?? null) : null;
    return { ...base, result: 'failure', reason: known ?? error.message, hint };
  }
}

const NO_LOGIN = 'phonectl has no admin password for it: it has not fetched a configuration yet';

/** Sends nothing: for phones that cannot be dialled or logged in to. */
const NOWHERE: DeviceTransport = {
  http: () => Promise.reject(new PhonectlError('unreachable', 'It cannot be dialled.')),
  notify: () => Promise.reject(new PhonectlError('unreachable', 'It cannot be dialled.')),
};
