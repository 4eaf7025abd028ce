/** What a phone is given by its lab. */

import type { ControlHub } from './control-hub.ts';
import type { Authenticator } from './digest.ts';
import type { Contexts } from './identities.ts';
import type { PhoneBase } from './phone-base.ts';
import type { Scheduler, Slots } from './scheduler.ts';
import type { SipHub } from './sip-hub.ts';
import type { SyslogSender } from './syslog.ts';
import type { LabEvent } from './types.ts';

/** An event before the lab has put the MAC and the time on it. */
export type PhoneEvent = LabEvent extends infer Event
  ? Event extends LabEvent
    ? Omit<Event, 'mac' | 'at'>
    : never
  : never;

export interface LabServices {
  readonly scheduler: Scheduler;
  readonly slots: Slots;
  readonly contexts: Contexts;
  readonly control: ControlHub;
  readonly sip: SipHub;
  readonly syslog: SyslogSender;
  readonly authenticator: Authenticator;
  /** PEM of the CAs that every phone trusts from the start. */
  readonly ca: readonly string[];
  readonly checkServerName: boolean;
  readonly clientCertificates: boolean;
  readonly natAddress: string | undefined;
  readonly controlPort: number;
  readonly sipPort: number;
  /** The phone and line on which a number is registered. */
  findLine(number: string): { phone: PhoneBase; line: number } | undefined;
  emit(mac: string, event: PhoneEvent): void;
  /** A mistake of the lab itself: it ends what waits for the lab. */
  crash(error: unknown): void;
}
