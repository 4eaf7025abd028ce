/**
 * Callbacks of access keys (KEY-02): what ended is posted to the address of every key that may see it. What is to be said is
 * in the store since it happened, in the same transaction; `serve` says it, and says it again for a day when nobody listens.
 *
 * In the form of Standard Webhooks (https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp`, and in
 * `webhook-signature` an HMAC-SHA256 over `id.timestamp.body`, which the receiver checks with any of its libraries.
 */
import { pause } from '../../tasks/pause.ts';
import { narrow } from '../access/grants.ts';
import { isoTime } from '../access/inputs.ts';
import type { DataScope, OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { isPhonectlError } from '../errors.ts';
import type { CallbackEvent, CallbackRecord } from '../ports/callbacks.ts';
import type { KeyRecord } from '../ports/keys.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { Repositories } from '../ports/store.ts';
import { toSummary } from '../tasks/read.ts';
import { isOutside } from './callback-targets.ts';

/** After these times it is tried again. Milliseconds; a day and a half together. */
export const PAUSES: readonly number[] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200, 50_000].map((s) => s * 1000);
/** An answer later than this is none. */
const PATIENCE = 10_000;
/** What somebody works on is his for this long. */
const LEASE = 60_000;
const EVERY = 1_000;
const AT_ONCE = 8;
const KEPT = 30 * 86_400_000;

type Context = Pick<OperationContext, 'store' | 'secrets' | 'clock'>;

export interface CallbackOptions {
  /** Networks that callbacks may go to although they are shut. */
  readonly open: readonly string[];
  /** PEM of an authority of one's own, beside the public ones. */
  readonly ca?: string | undefined;
  readonly onTrouble: (message: string) => void;
}

/** What an event says, to a key that sees these sites; `undefined` when there is nothing that it may see. */
interface Teller {
  readonly permission: string;
  tell(read: Repositories, scope: DataScope, object: string): Promise<unknown>;
}

const TELLERS: Readonly<Record<CallbackEvent, Teller>> = {
  'task.ended': {
    permission: 'task:read',
    async tell({ tasks }, scope, object) {
      const task = await tasks.get(Number(object), scope);
      return task && toSummary(task);
    },
  },
  'capture.ended': {
    permission: 'diag:capture',
    async tell({ captures, devices }, scope, object) {
      const [deviceId = 0, id] = object.split('/').map(Number);
      const [device] = await devices.byIds([deviceId], scope);
      const capture = (await captures.list([deviceId])).find((one) => one.id === id);
      if (device === undefined || capture === undefined) return undefined;
      const { name, state, reason, startedAt, endedAt } = capture;
      return {
        device: deviceLabel(device, device.id),
        file: name,
        state,
        reason,
        startedAt: isoTime(startedAt),
        endedAt: isoTime(endedAt),
      };
    },
  },
  ping: { permission: 'auth:self', tell: async () => ({}) },
};

/**
 * What the receiver checks signatures with, as Standard Webhooks writes it. Made from what is kept of the key's secret, so
 * that a rotation renews it and nothing more has to be kept.
 */
export function callbackSecret(keyId: string, verifier: string, secrets: SecretBox): string {
  const bytes = Buffer.from(secrets.fingerprint(`callback ${keyId} ${verifier}`), 'hex');
  return `whsec_${bytes.toString('base64')}`;
}

/** `v1,…` for each secret; after a rotation the old one signs too, for as long as it is good. */
export function signatures(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return secrets
    .map((secret) => createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')))
    .map((hmac) => `v1,${hmac.update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    .join(' ');
}

/** Delivers until the signal aborts; part of `serve`. */
export async function keepCallingBack(context: Context, signal: AbortSignal, options: CallbackOptions): Promise<void> {
  let cleaned = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      await callBack(context, signal, options);
      if (context.clock.monotonic() - cleaned > 3_600_000) {
        cleaned = context.clock.monotonic();
        const before = context.clock.now() - KEPT;
        await context.store.transaction(({ callbacks }) => callbacks.deleteEndedBefore(before));
      }
    } catch (error) {
      if (!signal.aborted) options.onTrouble(`Callbacks: ${error instanceof Error ? error.message : String(error)}`);
    }
    await pause(EVERY, signal);
  }
}

/** Delivers what is due; returns how many attempts that were. */
export async function callBack(context: Context, signal: AbortSignal, options: CallbackOptions): Promise<number> {
  const due = await context.store.read.callbacks.due(context.clock.now(), AT_ONCE);
  await Promise.all(due.map((callback) => deliver(context, callback, signal, options)));
  return due.length;
}

async function deliver(
  context: Context,
  callback: CallbackRecord,
  signal: AbortSignal,
  { open, ca }: CallbackOptions,
): Promise<void> {
  const { store, clock } = context;
  const until = clock.now() + LEASE;
  if (!(await store.transaction(({ callbacks }) => callbacks.claim(callback, until)))) return;
  const end = async (state: 'delivered' | 'failed' | 'not-allowed', problem: string | null): Promise<void> => {
    const attempts = callback.attempts + 1;
    const now = clock.now();
    const wait = state === 'failed' ? PAUSES[callback.attempts] : undefined;
    const change =
      wait === undefined
        ? { state, attempts, nextAt: now, endedAt: now, problem }
        : { state: 'waiting' as const, attempts, nextAt: now + wait, endedAt: null, problem };
    await store.transaction(({ callbacks }) => callbacks.change(callback.id, change));
  };
  const key = (await store.read.keys.list()).find(({ id }) => id === callback.keyId);
  const message = key && (await messageFor(context, key, callback));
  if (key?.callback == null || message === undefined) {
    await end('not-allowed', 'The key may not see it.');
    return;
  }
  try {
    const { post } = await import('../../net/outside.ts');
    const status = await post({
      url: key.callback,
      ...message,
      ca,
      allowed: (address) => isOutside(address, open),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    const good = status >= 200 && status < 300;
    await end(good ? 'delivered' : 'failed', good ? null : `It answered ${status}.`);
  } catch (error) {
    if (signal.aborted) return;
    const shut = isPhonectlError(error) && error.code === 'forbidden';
    const late = error instanceof Error && error.name === 'TimeoutError';
    const text = late ? `No answer within ${PATIENCE / 1000} seconds.` : error instanceof Error ? error.message : '';
    await end(shut ? 'not-allowed' : 'failed', text);
  }
}

/** Head and body of the message; `undefined` where the key may not, or may not any longer, see what it is about. */
async function messageFor(
  { store, secrets, clock }: Context,
  key: KeyRecord,
  { event, object, at, uid }: CallbackRecord,
): Promise<{ headers: Record<string, string>; body: string } | undefined> {
  const now = clock.now();
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return undefined;
  const { permission, tell } = TELLERS[event];
  const grants = [
    ...(await store.read.roles.grants(key.roles.map(({ id }) => id))),
    { permissions: ['auth:self'], sites: [] },
  ];
  const { scope, permissions } = narrow(grants, permission);
  const data = permissions.length === 0 ? undefined : await tell(store.read, scope, object);
  const proofs = await store.read.keys.proofs(key.keyId);
  if (data === undefined || proofs === undefined) return undefined;
  const previous = key.previousUntil !== null && key.previousUntil > now ? proofs.previous : undefined;
  const good = [proofs.current, ...(previous ? [previous] : [])];
  const body = JSON.stringify({ type: event, timestamp: isoTime(at), data });
  const timestamp = Math.floor(now / 1000);
  const signers = good.map(({ verifier }) => callbackSecret(key.keyId, verifier, secrets));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': uid,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures(signers, uid, timestamp, body),
    },
  };
}
