/**
 * Non-INVITE client transaction (RFC 3261 section 17.1.2): sends a request, repeats it over UDP until somebody answers,
 * gives up after 64·T1.
 */
import { PhonectlError } from '../../sdk/errors.ts';
import { header, parseMessage, type SipMessage } from './message.ts';

/** RFC 3261 section 17.1.1.1, milliseconds. */
export const T1 = 500;
export const T2 = 4000;
export const TIMER_F = 64 * T1;

/** Where messages go and come from: one peer. */
export interface Channel {
  /** False over UDP: then the request is repeated. */
  readonly reliable: boolean;
  send(bytes: Buffer): void;
  /** Whole messages from the peer. */
  onMessage(listener: (bytes: Buffer) => void): void;
  onError(listener: (error: Error) => void): void;
}

export interface Timers {
  set(callback: () => void, milliseconds: number): unknown;
  clear(timer: unknown): void;
}

export const systemTimers: Timers = {
  set: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export interface TransactionOptions {
  readonly request: Buffer;
  /** Branch of the request's Via and its CSeq: what tells the answer (RFC 3261 section 17.1.3). */
  readonly branch: string;
  readonly cseq: string;
  readonly signal: AbortSignal;
  readonly timers?: Timers;
}

/** Resolves with the final answer. Throws `timeout`, the channel's error, or the signal's reason. */
export function transact(channel: Channel, options: TransactionOptions): Promise<SipMessage> {
  const { request, signal, timers = systemTimers } = options;
  const { promise, resolve, reject } = Promise.withResolvers<SipMessage>();
  if (signal.aborted) return Promise.reject(signal.reason);
  let interval = T1;
  let repeat: unknown;

  function again(): void {
    repeat = timers.set(() => {
      channel.send(request);
      interval = Math.min(2 * interval, T2);
      again();
    }, interval);
  }
  const giveUp = timers.set(() => {
    settle(() =>
      reject(
        new PhonectlError('timeout', `No answer to the SIP message within ${TIMER_F / 1000} s.`, {
          hints: ['Most phones take a NOTIFY only from their registrar; send it through the PBX, or use HTTPS.'],
        }),
      ),
    );
  }, TIMER_F);
  const abort = (): void => settle(() => reject(signal.reason));
  function settle(finish: () => void): void {
    timers.clear(giveUp);
    timers.clear(repeat);
    signal.removeEventListener('abort', abort);
    finish();
  }

  signal.addEventListener('abort', abort, { once: true });
  channel.onError((error) => settle(() => reject(error)));
  channel.onMessage((bytes) => {
    const message = parseMessage(bytes);
    if (message === undefined || !answers(message, options)) return;
    // Provisional: it lives; from now on the request is repeated every T2 (RFC 3261 section 17.1.2.2).
    if (message.start.kind === 'response' && message.start.status < 200) interval = T2;
    else settle(() => resolve(message));
  });
  channel.send(request);
  if (!channel.reliable) again();
  return promise;
}

function answers(message: SipMessage, { branch, cseq }: TransactionOptions): boolean {
  if (message.start.kind !== 'response') return false;
  const via = header(message, 'via') ?? '';
  const found = /;\s*branch\s*=\s*([^;,\s]+)/i.exec(via)?.[1];
  return found === branch && (header(message, 'cseq') ?? '').replace(/\s+/g, ' ') === cseq;
}
