/**
 * What a phone is and has while it runs: parameters, lines, calls, a screen, and the ways to speak and to be spoken to.
 * How it comes to run is in phone.ts; what differs by vendor is in the three vendors' folders.
 */
import { createHash } from 'node:crypto';
import type tls from 'node:tls';
import type { CallEvent, Happening, LineSettings, Notify, Report } from './behaviour.ts';
import { type Call, Calls } from './calls.ts';
import type { ControlReply, ControlRequest, ControlTarget } from './control-hub.ts';
import { LabError, messageOf } from './errors.ts';
import { faultyReply } from './faults.ts';
import { HttpSession, plain } from './http-client.ts';
import type { LogBook } from './log-book.ts';
import { callNoted, dndNoted, keyNoted, type Noted, notedOf, notRegistered } from './log-events.ts';
import type { Parameters } from './parameters.ts';
import type { LabServices, PhoneEvent } from './services.ts';
import type { SipOutcome, SipTarget } from './sip-hub.ts';
import { parseEvent, type SipRequest, sipHeader } from './sip-message.ts';
import type { LabFaults, LabLineStatus, LabPhoneSpec } from './types.ts';

/** security.md P-11: the date in which a cold T54W believed. */
const PAST = Date.parse('2023-12-26T00:00:10Z');

export abstract class PhoneBase implements ControlTarget, SipTarget {
  readonly spec: LabPhoneSpec;
  faults: LabFaults;
  readonly parameters: Parameters;
  protected readonly services: LabServices;
  /** Do not disturb, for the whole phone. */
  dnd = false;
  /** What was shown on the screen since the last boot, the newest first. */
  readonly messages: string[] = [];
  /** Keys that were pressed from afar since the last boot, the newest first. */
  readonly keys: string[] = [];
  /** What it runs since its firmware was changed; undefined = what it came with. */
  protected installed: string | undefined;
  /** CAs that its configuration made it trust, PEM. */
  protected readonly trusted = new Set<string>();
  /** Everything the phone waits for ends with its life: at power-off, and at every reboot. */
  protected life = new AbortController();
  protected clockIsRight = true;
  /** Why the last attempt failed; null after a success. */
  lastError: string | null = null;
  #lines: LabLineStatus[] = [];
  #calls: Calls | undefined;

  abstract readonly vendor: LabPhoneSpec['vendor'];
  /** The model as this vendor writes it. */
  abstract readonly model: string;
  abstract readonly firmware: string;
  abstract readonly sipUserAgent: string;
  /** Milliseconds since the last boot. */
  abstract readonly uptime: number;
  abstract readonly log: LogBook;

  constructor(spec: LabPhoneSpec, services: LabServices, parameters: Parameters) {
    this.spec = spec;
    this.services = services;
    this.parameters = parameters;
    this.faults = { ...spec.faults };
  }

  protected abstract get userAgent(): string;
  protected abstract lineSettings(): LineSettings[];
  /** What the vendor tells a server about a happening. */
  protected abstract reports(happening: Happening): Report[];
  /** How the configuration wants the server's certificate checked; undefined = the lab's own setting. */
  protected abstract certificateChecks(): { verify: boolean; name: boolean | undefined };
  protected abstract answer(request: ControlRequest): Promise<ControlReply>;
  protected abstract notified(notify: Notify): SipOutcome;

  get mac(): string {
    return this.spec.mac;
  }

  get address(): string {
    return this.spec.address;
  }

  get lines(): readonly LabLineStatus[] {
    return this.#lines;
  }

  get calls(): Calls {
    this.#calls ??= new Calls(this);
    return this.#calls;
  }

  /** The registered line that a SIP request is for: its user's, or the first one where it names none. */
  lineFor(request: SipRequest): LineSettings | undefined {
    const user = /^sips?:([^@;>]+)@/i.exec(request.uri)?.[1];
    const registered = new Set(this.#lines.filter((line) => line.registered).map(({ line }) => line));
    return this.lineSettings().find((line) => registered.has(line.line) && (user === undefined || line.user === user));
  }

  /** The phone of this lab on which a number is registered. */
  findPhone(number: string): { phone: PhoneBase; line: number } | undefined {
    return this.services.findLine(number);
  }

  /** Runs something after `seconds` of phone time, unless the phone goes down before. */
  later(seconds: number, run: () => unknown): void {
    const { signal } = this.life;
    this.services.scheduler.after(seconds, () => {
      if (!signal.aborted) this.background(run);
    });
  }

  /** Runs something and leaves it to itself: going down ends it, a network error becomes an event. */
  background(run: () => unknown): void {
    const { signal } = this.life;
    const start = async (): Promise<void> => {
      await run();
    };
    start().catch((error: unknown) => this.ended(error, signal));
  }

  /** Switches do not disturb, and tells who wants to know. */
  async setDnd(on: boolean): Promise<void> {
    if (this.dnd === on) return;
    this.dnd = on;
    this.note(dndNoted(on));
    await this.report([{ what: 'dnd', on }], this.life.signal);
  }

  /** Tells of a call who wants to know. */
  tellOfCall(event: CallEvent, call: Call): void {
    this.note(callNoted(event, call));
    this.background(() => this.report([{ what: 'call', event }], this.life.signal));
  }

  /** Shows a text on the screen. */
  show(text: string): void {
    remember(this.messages, text);
    this.emit({ type: 'message', text });
  }

  press(key: string): void {
    remember(this.keys, key);
    this.note(keyNoted(key));
  }

  /** A name as the phone shows it; a fault puts terminal escape sequences into it. */
  shown(name: string): string {
    return this.faults.escapeSequences === true ? `\u001b[2J\u001b]0;owned\u0007${name}\u202e` : name;
  }

  /** PEM of all authorities that it trusts. */
  get authorities(): readonly string[] {
    return [...this.services.ca, ...this.trusted];
  }

  secureContext(): Promise<tls.SecureContext> {
    return this.services.contexts.server(this.spec);
  }

  async control(request: ControlRequest): Promise<ControlReply> {
    const { signal } = this.life;
    const faulty = faultyReply(this.faults, this.vendor, this.services.authenticator);
    const reply = faulty ?? (await this.#answerOrCrash(request));
    if (this.faults.slow !== undefined) await this.services.scheduler.pauseReal(this.faults.slow, signal);
    this.emit({ type: 'control', method: request.method, path: request.path, status: reply.status });
    return reply;
  }

  async #answerOrCrash(request: ControlRequest): Promise<ControlReply> {
    try {
      return await this.answer(request);
    } catch (error) {
      if (!(error instanceof LabError)) this.services.crash(error);
      throw error;
    }
  }

  sip(request: SipRequest, remoteAddress: string): SipOutcome {
    if (request.method !== 'NOTIFY') return { status: 405, headers: [['Allow', 'NOTIFY']] };
    const header = sipHeader(request, 'event');
    if (header === undefined) return { status: 489, headers: [['Allow-Events', 'check-sync']] };
    const { event, params } = parseEvent(header);
    const outcome = this.notified({ event, params, request, remoteAddress });
    this.emit({ type: 'notify', event: header, status: outcome.status });
    return outcome;
  }

  /** Runs what follows an answer once that answer is on its way. */
  afterAnswer(run: () => unknown): void {
    const { signal } = this.life;
    this.services.scheduler.afterReal(20, () => {
      if (!signal.aborted) this.background(run);
    });
  }

  protected emit(event: PhoneEvent): void {
    this.note(notedOf(event, this));
    this.services.emit(this.mac, event);
  }

  /** Writes it down. */
  note(noted: Noted | undefined): void {
    if (noted === undefined) return;
    const entry = { always: false, ...noted, at: Date.now(), uptime: this.uptime };
    this.log.write(entry, this.services.natAddress ?? this.address);
  }

  /** A number in 0 … 1 that is always the same for this phone and purpose: labs must repeat themselves. */
  fraction(purpose: string): number {
    return createHash('sha256').update(`${this.mac} ${purpose}`).digest().readUInt32BE(0) / 2 ** 32;
  }

  protected refreshLines(): Happening[] {
    const news: Happening[] = [];
    const before = new Map(this.#lines.map((line) => [`${line.line} ${line.user} ${line.server}`, line]));
    const next = this.lineSettings().map(({ line, user, password, server }) => {
      const registered = this.faults.noRegistration !== true && user !== '' && password !== '' && server !== '';
      return { line, user, server, registered };
    });
    this.#lines = next;
    for (const line of next) {
      const key = `${line.line} ${line.user} ${line.server}`;
      const was = before.get(key)?.registered === true;
      before.delete(key);
      if (!line.registered) this.note(notRegistered(line.user));
      if (line.registered === was) continue;
      this.emit({ type: line.registered ? 'registered' : 'unregistered', line: line.line, user: line.user });
      news.push({ what: line.registered ? 'registered' : 'unregistered', line });
    }
    for (const line of before.values()) {
      if (!line.registered) continue;
      this.emit({ type: 'unregistered', line: line.line, user: line.user });
      news.push({ what: 'unregistered', line: { ...line, registered: false } });
    }
    return news;
  }

  /** What a phone forgets when its power goes. */
  protected forgetMoment(): void {
    this.#lines = [];
    this.#calls?.drop();
    this.messages.length = 0;
    this.keys.length = 0;
  }

  /** Sends what the vendor tells about these happenings. A server that does not listen only makes an event of the lab. */
  protected async report(happenings: readonly Happening[], signal: AbortSignal): Promise<void> {
    await this.send(
      happenings.flatMap((happening) => this.reports(happening)),
      signal,
    );
  }

  protected async send(reports: readonly Report[], signal: AbortSignal): Promise<void> {
    if (reports.length === 0) return;
    await this.deliver('report', signal, async (session) => {
      for (const { method, url, headers, body } of reports) {
        await session.request(method, new URL(url), {
          ...(headers && { headers }),
          ...(body !== undefined && { body }),
        });
      }
    });
  }

  /** Sends something when it is this phone's turn. A server that does not take it only makes an event of the lab. */
  protected async deliver(
    what: string,
    signal: AbortSignal,
    send: (session: HttpSession) => Promise<void>,
  ): Promise<void> {
    const release = await this.services.slots.acquire(signal);
    try {
      await this.withSession(signal, send);
    } catch (error) {
      if (signal.aborted || !(error instanceof LabError)) throw error;
      this.emit({ type: 'failed', reason: `${what}: ${error.message}` });
    } finally {
      release();
    }
  }

  /** Opens a session as this phone, and closes it. */
  protected async withSession<T>(signal: AbortSignal, use: (session: HttpSession) => Promise<T>): Promise<T> {
    const { contexts, clientCertificates, checkServerName, natAddress } = this.services;
    const checks = this.certificateChecks();
    const roots = [...this.authorities];
    const session = new HttpSession({
      userAgent: this.userAgent,
      localAddress: natAddress ?? this.address,
      secureContext: clientCertificates ? await contexts.clientOf(this.spec, roots) : contexts.client(roots),
      verify: checks.verify,
      checkName: checks.name ?? checkServerName,
      now: () => (this.clockIsRight ? Date.now() : PAST),
      signal,
      onReply: (method, url, status, userAgent) =>
        this.emit({ type: 'request', method, url: plain(url), status, userAgent }),
    });
    try {
      return await use(session);
    } finally {
      session.close();
    }
  }

  /** A life that ended by going down is no error; what is no `LabError` either is a mistake in the lab. */
  protected ended(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.lastError = messageOf(error);
    if (error instanceof LabError) this.emit({ type: 'failed', reason: error.message });
    else this.services.crash(error);
  }
}

const REMEMBERED = 50;

function remember(list: string[], text: string): void {
  list.unshift(text);
  list.length = Math.min(list.length, REMEMBERED);
}
