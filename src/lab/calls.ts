/** Calls between the phones of a lab, as far as control interfaces show them. */
import { randomInt } from 'node:crypto';
import type { PhoneBase } from './phone-base.ts';

export type CallState = 'Ringback' | 'Offering' | 'Connected' | 'Hold' | 'Held';

export interface Call {
  /** 32 bits, as phones number their calls. */
  ref: number;
  line: number;
  direction: 'Incoming' | 'Outgoing';
  state: CallState;
  number: string;
  name: string;
  startedAt: Date;
  connectedAt: Date | null;
  sequence: number;
  muted: boolean;
  /** Silenced, still ringing at the caller's. */
  ignored: boolean;
  /** The other end, where it is a phone of this lab. */
  peer: { phone: PhoneBase; call: Call } | null;
}

export interface LoggedCall {
  kind: 'Placed' | 'Received' | 'Missed';
  line: number;
  number: string;
  name: string;
  startedAt: Date;
  seconds: number;
}

const REMEMBERED_CALLS = 20;
/** Somebody outside of the lab picks up after this much phone time. */
const OUTSIDER_ANSWERS = 2;

/** The calls of one phone. */
export class Calls {
  readonly log: LoggedCall[] = [];
  readonly #phone: PhoneBase;
  readonly #active: Call[] = [];
  #sequence = 0;

  constructor(phone: PhoneBase) {
    this.#phone = phone;
  }

  get active(): readonly Call[] {
    return this.#active;
  }

  /** By its reference; without one, the call the user would mean: connected before ringing before held. */
  find(ref?: number): Call | undefined {
    if (ref !== undefined) return this.#active.find((call) => call.ref === ref);
    const wanted: CallState[] = ['Connected', 'Offering', 'Ringback', 'Hold', 'Held'];
    return wanted.map((state) => this.#active.find((call) => call.state === state)).find((call) => call !== undefined);
  }

  /** Calls a number on a registered line; undefined where that line is not registered. */
  dial(line: number, number: string): Call | undefined {
    const own = this.#phone.lines.find((candidate) => candidate.line === line && candidate.registered);
    if (own === undefined) return undefined;
    const called = this.#phone.findPhone(number);
    const call = this.#add(line, 'Outgoing', 'Ringback', number, called === undefined ? '' : number);
    this.#phone.tellOfCall('dialled', call);
    if (called === undefined) {
      this.#phone.later(OUTSIDER_ANSWERS, () => this.#connect(call));
    } else if (called.phone.dnd || called.phone === this.#phone) {
      // Refused at once: the far end is busy.
      this.end(call);
    } else {
      const theirs = called.phone.calls.ring(called.line, own.user, { phone: this.#phone, call });
      call.peer = { phone: called.phone, call: theirs };
    }
    return call;
  }

  /** Somebody calls this phone. */
  ring(line: number, number: string, peer: Call['peer']): Call {
    const call = this.#add(line, 'Incoming', 'Offering', number, number);
    call.peer = peer;
    this.#phone.tellOfCall('ringing', call);
    return call;
  }

  answer(call: Call): boolean {
    if (call.state !== 'Offering') return false;
    this.#connect(call);
    if (call.peer !== null) call.peer.phone.calls.#connect(call.peer.call);
    return true;
  }

  hold(call: Call): boolean {
    if (call.state !== 'Connected') return false;
    call.state = 'Hold';
    this.#phone.tellOfCall('held', call);
    if (call.peer !== null) call.peer.call.state = 'Held';
    return true;
  }

  resume(call: Call): boolean {
    if (call.state !== 'Hold') return false;
    call.state = 'Connected';
    this.#phone.tellOfCall('resumed', call);
    if (call.peer !== null) call.peer.call.state = 'Connected';
    return true;
  }

  /** Ends a call on both sides. */
  end(call: Call): boolean {
    this.#remove(call);
    if (call.peer !== null) call.peer.phone.calls.#remove(call.peer.call);
    return true;
  }

  /** Blind transfer: the other end now talks to `number`. */
  transfer(call: Call, number: string): boolean {
    const peer = call.peer;
    const target = this.#phone.findPhone(number);
    this.#phone.tellOfCall('transferred', call);
    this.#remove(call);
    if (peer === null) return true;
    if (target === undefined) {
      peer.call.peer = null;
      peer.call.number = number;
      return true;
    }
    peer.call.number = number;
    peer.call.state = 'Ringback';
    const callerNumber = peer.phone.lines.find(({ line }) => line === peer.call.line)?.user ?? '';
    peer.call.peer = { phone: target.phone, call: target.phone.calls.ring(target.line, callerNumber, peer) };
    return true;
  }

  /** The power is gone: the other ends notice. */
  drop(): void {
    for (const call of [...this.#active]) this.end(call);
  }

  #connect(call: Call): void {
    if (!this.#active.includes(call)) return;
    call.state = 'Connected';
    call.connectedAt = new Date();
    this.#phone.tellOfCall('established', call);
  }

  #add(line: number, direction: Call['direction'], state: CallState, number: string, name: string): Call {
    const call: Call = {
      ref: randomInt(0x4000_0000, 0x7fff_ffff),
      line,
      direction,
      state,
      number,
      name,
      startedAt: new Date(),
      connectedAt: null,
      sequence: ++this.#sequence,
      muted: false,
      ignored: false,
      peer: null,
    };
    this.#active.push(call);
    if (this.#active.length === 1) this.#phone.tellOfCall('busy', call);
    return call;
  }

  #remove(call: Call): void {
    const at = this.#active.indexOf(call);
    if (at < 0) return;
    this.#active.splice(at, 1);
    this.#phone.tellOfCall('ended', call);
    if (this.#active.length === 0) this.#phone.tellOfCall('idle', call);
    const seconds = call.connectedAt === null ? 0 : Math.round((Date.now() - call.connectedAt.getTime()) / 1000);
    const received = call.connectedAt === null ? 'Missed' : 'Received';
    const kind = call.direction === 'Outgoing' ? 'Placed' : received;
    this.log.unshift({
      kind,
      line: call.line,
      number: call.number,
      name: call.name,
      startedAt: call.startedAt,
      seconds,
    });
    this.log.length = Math.min(this.log.length, REMEMBERED_CALLS);
  }
}

/** Seconds since the call was answered; 0 before. */
export function secondsOf(call: Call): number {
  return call.connectedAt === null ? 0 : Math.floor((Date.now() - call.connectedAt.getTime()) / 1000);
}
