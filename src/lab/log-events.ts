/** What of a phone's life is worth an entry in its log, and how much it matters. */
import type { CallEvent } from './behaviour.ts';
import type { Call } from './calls.ts';
import type { PhoneEvent } from './services.ts';

/** Which part of the phone writes; the vendors have names of their own for them. */
export type LogPart = 'boot' | 'system' | 'files' | 'sip' | 'web';

export interface LogEntry {
  /** Milliseconds since the epoch, and since the phone started. */
  readonly at: number;
  readonly uptime: number;
  readonly part: LogPart;
  /** As in syslog: 0 (emergency) to 7 (debug). */
  readonly severity: number;
  /** Written whatever the level is: the phone started, it goes down. */
  readonly always: boolean;
  readonly text: string;
}

export type Noted = Pick<LogEntry, 'part' | 'severity' | 'text'> & { readonly always?: boolean };

const [ERROR, WARNING, NOTICE, INFO, DEBUG] = [3, 4, 5, 6, 7] as const;

/** Undefined for what a phone does not write down. */
export function notedOf(
  event: PhoneEvent,
  phone: { readonly model: string; readonly firmware: string },
): Noted | undefined {
  switch (event.type) {
    case 'boot':
      return {
        part: 'boot',
        severity: NOTICE,
        always: true,
        text: `Initial log entry. ${phone.model}, ${phone.firmware}`,
      };
    case 'reboot':
      return { part: 'system', severity: NOTICE, always: true, text: `Restarting: ${event.cause}` };
    case 'firmware':
      return { part: 'boot', severity: NOTICE, always: true, text: `Firmware ${event.version}: ${event.result}` };
    case 'running':
      return { part: 'system', severity: INFO, text: 'Up and running' };
    case 'provisioned':
      return { part: 'files', severity: INFO, text: `Configured (${event.occasion}): ${event.changed} values changed` };
    case 'failed':
      return { part: 'files', severity: ERROR, text: event.reason };
    case 'request':
      return { part: 'files', severity: DEBUG, text: `${event.method} ${event.url}: ${event.status}` };
    case 'registered':
      return { part: 'sip', severity: NOTICE, text: `Registration succeeded ${event.user}` };
    case 'unregistered':
      return { part: 'sip', severity: WARNING, text: `Registration ended ${event.user}` };
    case 'notify':
      return { part: 'sip', severity: INFO, text: `NOTIFY ${event.event}: ${event.status}` };
    case 'control':
      return { part: 'web', severity: DEBUG, text: `${event.method} ${event.path}: ${event.status}` };
    case 'message':
      return { part: 'system', severity: INFO, text: 'A message is shown' };
    case 'offline':
      return undefined;
  }
}

/** A line that could not register; phones try and complain again and again. */
export function notRegistered(user: string): Noted {
  return { part: 'sip', severity: ERROR, text: `Registration failed ${user}` };
}

export function dndNoted(on: boolean): Noted {
  return { part: 'system', severity: INFO, text: `Do not disturb is ${on ? 'on' : 'off'}` };
}

export function keyNoted(key: string): Noted {
  return { part: 'system', severity: DEBUG, text: `Key ${key}` };
}

const CALLS: Readonly<Record<CallEvent, string | undefined>> = {
  ringing: 'comes in',
  dialled: 'goes out',
  established: 'is up',
  held: 'is held',
  resumed: 'is resumed',
  transferred: 'is transferred',
  ended: 'has ended',
  busy: undefined,
  idle: undefined,
};

export function callNoted(event: CallEvent, { line, number }: Pick<Call, 'line' | 'number'>): Noted | undefined {
  const what = CALLS[event];
  return what === undefined
    ? undefined
    : { part: 'sip', severity: INFO, text: `Call ${what}: line ${line}, ${number}` };
}
