/**
 * What every desk phone does, whoever built it: it boots, provisions, applies, registers, reports, answers, reboots.
 * The three vendors fill in how (poly/phone.ts, yealink/phone.ts, cisco/phone.ts).
 */
import { createHash } from 'node:crypto';
import type tls from 'node:tls';
import { Calls } from './calls.ts';
import type { ControlReply, ControlRequest, ControlTarget } from './control-hub.ts';
import { LabError, messageOf } from './errors.ts';
import { credentialOf, HttpSession, plain } from './http-client.ts';
import type { Parameters } from './parameters.ts';
import type { LabServices, PhoneEvent } from './services.ts';
import type { SipOutcome, SipTarget } from './sip-hub.ts';
import { parseEvent, type SipRequest, sipHeader } from './sip-message.ts';
import type {
  Credential,
  LabFaults,
  LabLineStatus,
  LabPhoneSpec,
  LabPhoneState,
  LabPhoneStatus,
  Occasion,
} from './types.ts';

/** Where a phone provisions from. */
export interface Target {
  url: URL;
  credential: Credential | undefined;
}

/** What a phone's configuration says about one line. */
export interface LineSettings {
  line: number;
  user: string;
  password: string;
  server: string;
  label: string;
}

/** Something a phone tells a server of its own accord. */
export interface Report {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type Happening =
  | { what: 'booted' }
  | { what: 'provisioned'; occasion: Occasion }
  | { what: 'registered' | 'unregistered'; line: LabLineStatus }
  | { what: 'dnd'; on: boolean }
  | { what: 'changed'; names: readonly string[] };

/** A NOTIFY as it reached the phone. */
export interface Notify {
  /** The event package, in lower case. */
  event: string;
  params: ReadonlyMap<string, string>;
  request: SipRequest;
  remoteAddress: string;
}

/** When to look for a new configuration: in phone time (scaled by the lab's speed), or at a moment of the wall clock. */
export type NextPoll = { seconds: number } | { at: Date } | null;

export interface Durations {
  reboot: number;
  restart: number;
  /** Waits between failed attempts to provision; the last one repeats. */
  retries: readonly number[];
}

/** Of a reboot, this part passes before the network is up and the first request leaves. */
const DARK_PART = 0.75;
/** A phone that is sent from one server to the next gives up after so many. */
const MOST_MOVES = 5;
/** yealink.md, security.md P-11: the date a cold T54W believed in. */
const PAST = Date.parse('2023-12-26T00:00:10Z');

export abstract class LabPhone implements ControlTarget, SipTarget {
  readonly spec: LabPhoneSpec;
  faults: LabFaults;
  readonly parameters: Parameters;
  protected readonly services: LabServices;
  /** What the phone was given by hand or by its factory; its configuration may override it. */
  protected stored: Credential | undefined;
  /** Do not disturb, for the whole phone. */
  dnd = false;
  /** What was shown on the screen since the last boot, the newest first. */
  readonly messages: string[] = [];
  /** Keys that were pressed from afar since the last boot, the newest first. */
  readonly keys: string[] = [];
  /** CAs that its configuration made it trust, PEM. */
  protected readonly trusted = new Set<string>();
  /** Why it provisions now, or did last. */
  protected occasion: Occasion = 'boot';

  #state: LabPhoneState = 'offline';
  #life = new AbortController();
  #lines: LabLineStatus[] = [];
  #calls: Calls | undefined;
  #bootCount = 0;
  #bootedAt = 0;
  #provisionedAt: Date | null = null;
  #lastError: string | null = null;
  #failures = 0;
  #clockIsRight = true;
  #ports: { control: number; sip: number };
  #isOpen = false;
  #webIsOpen = false;
  #isProvisioning = false;
  #cancelNext: (() => void) | undefined;

  abstract readonly vendor: LabPhoneSpec['vendor'];
  /** The model as this vendor writes it. */
  abstract readonly model: string;
  abstract readonly firmware: string;
  abstract readonly sipUserAgent: string;
  protected abstract readonly durations: Durations;
  /** Poly: a new provisioning server is only asked after a restart (poly.md C.10); the others ask it at once. */
  protected abstract readonly restartsToMove: boolean;

  constructor(spec: LabPhoneSpec, services: LabServices, parameters: Parameters) {
    this.spec = spec;
    this.services = services;
    this.parameters = parameters;
    this.faults = { ...spec.faults };
    this.stored = spec.credential;
    this.#ports = { control: services.controlPort, sip: services.sipPort };
  }

  protected abstract get userAgent(): string;
  /** Where it would provision from now. */
  protected abstract target(): Target;
  /** Fetches and applies everything. Returns the names of parameters whose value changed. Throws `LabError`. */
  protected abstract fetchConfiguration(session: HttpSession, target: Target, occasion: Occasion): Promise<string[]>;
  protected abstract lineSettings(): LineSettings[];
  protected abstract impactOf(changed: readonly string[]): 'none' | 'restart' | 'reboot';
  protected abstract reports(happening: Happening): Report[];
  /** Is the phone's web server switched on? */
  protected abstract webServerIsOn(): boolean;
  protected abstract nextPoll(): NextPoll;
  /** How the configuration wants the server's certificate checked; undefined = the lab's own setting. */
  protected abstract certificateChecks(): { verify: boolean; name: boolean | undefined };
  protected abstract answer(request: ControlRequest): Promise<ControlReply>;
  protected abstract notified(notify: Notify): SipOutcome;
  /** Clears what a factory reset clears beside the parameters. */
  protected abstract forget(): void;

  get mac(): string {
    return this.spec.mac;
  }

  get address(): string {
    return this.spec.address;
  }

  get state(): LabPhoneState {
    return this.#state;
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
  findPhone(number: string): { phone: LabPhone; line: number } | undefined {
    return this.services.findLine(number);
  }

  /** Runs something after `seconds` of phone time, unless the phone goes down before. */
  later(seconds: number, run: () => unknown): void {
    const { signal } = this.#life;
    this.services.scheduler.after(seconds, () => {
      if (!signal.aborted) this.background(run);
    });
  }

  /** Runs something and leaves it to itself: going down ends it, a network error becomes an event. */
  background(run: () => unknown): void {
    const { signal } = this.#life;
    const start = async (): Promise<void> => {
      await run();
    };
    start().catch((error: unknown) => this.#ended(error, signal));
  }

  /** Switches do not disturb, and tells who wants to know. */
  async setDnd(on: boolean): Promise<void> {
    if (this.dnd === on) return;
    this.dnd = on;
    await this.report([{ what: 'dnd', on }], this.#life.signal);
  }

  /** Shows a text on the screen. */
  show(text: string): void {
    remember(this.messages, text);
    this.emit({ type: 'message', text });
  }

  press(key: string): void {
    remember(this.keys, key);
  }

  /** A name as the phone shows it; a fault puts terminal escape sequences into it. */
  shown(name: string): string {
    return this.faults.escapeSequences === true ? `\u001b[2J\u001b]0;owned\u0007${name}\u202e` : name;
  }

  /** Milliseconds since the last boot. */
  get uptime(): number {
    return this.#bootedAt === 0 ? 0 : Date.now() - this.#bootedAt;
  }

  get controlUrl(): string {
    return `https://${this.address}:${this.#ports.control}`;
  }

  get sipPort(): number {
    return this.#ports.sip;
  }

  status(): LabPhoneStatus {
    return {
      mac: this.mac,
      vendor: this.vendor,
      model: this.model,
      address: this.address,
      state: this.#state,
      firmware: this.firmware,
      bootCount: this.#bootCount,
      lines: this.#lines.map((line) => ({ ...line })),
      provisionedAt: this.#provisionedAt,
      lastError: this.#lastError,
      parameters: this.parameters.size,
      server: plain(this.target().url),
    };
  }

  /** Opens the listeners, so that a taken address is known before the first phone boots. */
  async bind(): Promise<void> {
    if (this.#isOpen || this.faults.offline === true) return;
    this.#isOpen = true;
    this.#webIsOpen = true;
    this.#ports.control = await this.services.control.open(this, this.#ports.control);
    this.#ports.sip = await this.services.sip.open(this, this.#ports.sip);
  }

  /** Boots now; the phone was without power. */
  powerOn(): void {
    if (this.#state !== 'offline' || this.faults.offline === true) return;
    this.#startLife(0);
  }

  /** Takes the power away. */
  powerOff(): void {
    this.#endLife();
    this.#setState('offline');
    this.emit({ type: 'offline' });
  }

  /** A full reboot: everything down, the boot sequence, everything up. False where a fault makes the phone ignore it. */
  reboot(cause: string): boolean {
    return this.#goDown(cause, this.durations.reboot);
  }

  /** Restarts the application only; shorter, and otherwise the same to the outside. */
  restart(cause: string): boolean {
    return this.#goDown(cause, this.durations.restart);
  }

  /** Looks for a new configuration, as after a check-sync, and does with it what the vendor does. */
  async provision(occasion: Occasion): Promise<void> {
    if (this.#state === 'booting' || this.#state === 'offline' || this.#isProvisioning) return;
    const { signal } = this.#life;
    this.#isProvisioning = true;
    try {
      const wasUnprovisioned = this.#state === 'unprovisioned';
      if (occasion === 'retry') this.#clockIsRight = true;
      const changed = await this.#provision(occasion, signal);
      if (changed === null) return;
      const impact = this.impactOf(changed);
      if (!wasUnprovisioned && impact !== 'none') {
        this.#goDown('configuration', this.durations[impact]);
        return;
      }
      this.#setState('running');
      const news: Happening[] = [{ what: 'provisioned', occasion }];
      if (wasUnprovisioned) news.push({ what: 'booted' });
      await this.#settle(news, signal);
    } catch (error) {
      this.#ended(error, signal);
    } finally {
      if (this.#life.signal === signal) this.#isProvisioning = false;
    }
  }

  /** As {@link provision}, started and left to itself. */
  provisionSoon(occasion: Occasion): void {
    void this.provision(occasion);
  }

  /** The user changes a value, on the phone or on its web page. */
  async setLocal(layer: string, values: Iterable<readonly [string, string]>): Promise<void> {
    const { signal } = this.#life;
    const changed = this.parameters.set(layer, values);
    if (changed.length === 0) return;
    await this.changedLocally(layer, changed, signal);
    await this.#settle([{ what: 'changed', names: changed }], signal);
  }

  /** Brings web server and lines in step with the parameters, and reports that after the other news, in one go. */
  async #settle(news: readonly Happening[], signal: AbortSignal): Promise<void> {
    const isOn = this.webServerIsOn();
    if (isOn !== this.#webIsOpen) {
      this.#webIsOpen = isOn;
      if (isOn) this.#ports.control = await this.services.control.open(this, this.#ports.control);
      else this.services.control.close(this.mac);
    }
    await this.report([...news, ...this.#refreshLines()], signal);
  }

  #refreshLines(): Happening[] {
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

  /** Back to what left the factory, and reboots. */
  factoryReset(cause: string, layers: readonly string[]): boolean {
    if (this.faults.rebootIgnored === true) return false;
    for (const layer of layers) this.parameters.clear(layer);
    this.trusted.clear();
    this.forget();
    this.#provisionedAt = null;
    return this.reboot(cause);
  }

  secureContext(): Promise<tls.SecureContext> {
    return this.services.contexts.server(this.spec);
  }

  async control(request: ControlRequest): Promise<ControlReply> {
    const { signal } = this.#life;
    const reply = this.#faultyReply() ?? (await this.#answerOrCrash(request));
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
    const { signal } = this.#life;
    this.services.scheduler.afterReal(20, () => {
      if (!signal.aborted) this.background(run);
    });
  }

  protected emit(event: PhoneEvent): void {
    this.services.emit(this.mac, event);
  }

  /** A number in 0 … 1 that is always the same for this phone and purpose: labs must repeat themselves. */
  fraction(purpose: string): number {
    return createHash('sha256').update(`${this.mac} ${purpose}`).digest().readUInt32BE(0) / 2 ** 32;
  }

  /** Some phones upload what the user changed. */
  protected async changedLocally(_layer: string, _names: readonly string[], _signal: AbortSignal): Promise<void> {}

  protected get signal(): AbortSignal {
    return this.#life.signal;
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
    const release = await this.services.slots.acquire(signal);
    try {
      await this.withSession(signal, async (session) => {
        for (const { method, url, headers, body } of reports) {
          await session.request(method, new URL(url), {
            ...(headers && { headers }),
            ...(body !== undefined && { body }),
          });
        }
      });
    } catch (error) {
      if (signal.aborted || !(error instanceof LabError)) throw error;
      this.emit({ type: 'failed', reason: `report: ${error.message}` });
    } finally {
      release();
    }
  }

  /** Opens a session as this phone, and closes it. */
  protected async withSession<T>(signal: AbortSignal, use: (session: HttpSession) => Promise<T>): Promise<T> {
    const { contexts, ca, clientCertificates, checkServerName, natAddress } = this.services;
    const checks = this.certificateChecks();
    const roots = [...ca, ...this.trusted];
    const session = new HttpSession({
      userAgent: this.userAgent,
      localAddress: natAddress ?? this.address,
      secureContext: clientCertificates ? await contexts.clientOf(this.spec, roots) : contexts.client(roots),
      verify: checks.verify,
      checkName: checks.name ?? checkServerName,
      now: () => (this.#clockIsRight ? Date.now() : PAST),
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

  // The life of a phone, from power-on or reboot to the next one. Everything it waits for ends with its life.

  #startLife(seconds: number): void {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#isProvisioning = false;
    this.#clockIsRight = this.faults.clockInPast !== true;
    this.#setState('booting');
    this.#boot(seconds, signal).catch((error: unknown) => this.#ended(error, signal));
  }

  #endLife(): void {
    this.#cancelNext?.();
    this.#life.abort(new LabError('refused', `${this.mac} went down`));
    this.services.control.close(this.mac);
    this.services.sip.close(this.mac);
    this.#isOpen = false;
    this.#lines = [];
    this.#calls?.drop();
    this.messages.length = 0;
    this.keys.length = 0;
  }

  #goDown(cause: string, seconds: number): boolean {
    if (this.#state === 'offline' || this.faults.rebootIgnored === true) return false;
    this.emit({ type: 'reboot', cause });
    this.#endLife();
    if (this.faults.neverComesBack === true) {
      this.#setState('offline');
      this.emit({ type: 'offline' });
    } else {
      // ±20 % by MAC, so that phones that go down together do not come back together.
      this.#startLife(seconds * (0.8 + 0.4 * this.fraction('boot')));
    }
    return true;
  }

  async #boot(seconds: number, signal: AbortSignal): Promise<void> {
    const { scheduler } = this.services;
    this.#bootedAt = 0;
    await scheduler.pause(seconds * DARK_PART, signal);
    this.#countBoot();
    const changed = await this.#provision('boot', signal);
    await scheduler.pause(seconds * (1 - DARK_PART), signal);
    await this.bind();
    const known = changed !== null || this.#provisionedAt !== null;
    this.#setState(known ? 'running' : 'unprovisioned');
    this.emit({ type: 'running' });
    const news: Happening[] = changed === null ? [] : [{ what: 'provisioned', occasion: 'boot' }];
    await this.#settle([...news, { what: 'booted' }], signal);
  }

  #countBoot(): void {
    this.#bootCount++;
    this.#bootedAt = Date.now();
    this.emit({ type: 'boot', bootCount: this.#bootCount });
  }

  /** Provisions, follows to new servers, plans what comes next. Returns null after a failure. */
  async #provision(occasion: Occasion, signal: AbortSignal): Promise<string[] | null> {
    const changed = new Set<string>();
    this.occasion = occasion;
    try {
      for (let move = 0; ; move++) {
        if (move > MOST_MOVES) throw new LabError('loop', `sent to a new server ${MOST_MOVES} times in a row`);
        const target = this.#faultyTarget(this.target());
        const release = await this.services.slots.acquire(signal);
        try {
          const names = await this.withSession(signal, (session) => this.fetchConfiguration(session, target, occasion));
          for (const name of names) changed.add(name);
          this.emit({ type: 'provisioned', occasion, changed: names.length });
        } finally {
          release();
        }
        if (sameTarget(target, this.#faultyTarget(this.target()))) break;
        if (this.restartsToMove) {
          if (occasion !== 'boot') break;
          await this.services.scheduler.pause(this.durations.restart, signal);
          this.#countBoot();
        }
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof LabError)) throw error;
      this.#failed(error);
      return null;
    }
    this.#failures = 0;
    this.#lastError = null;
    this.#provisionedAt = new Date();
    this.#planPoll();
    return [...changed];
  }

  #failed(error: LabError): void {
    this.#lastError = error.message;
    this.emit({ type: 'failed', reason: error.message });
    const { retries } = this.durations;
    const wait = retries[Math.min(this.#failures++, retries.length - 1)]!;
    const { scheduler } = this.services;
    const again = (): void => {
      // The server may ask for less patience than the rest of the boot takes.
      if (this.#state === 'booting' || this.#isProvisioning) this.#cancelNext = scheduler.afterReal(50, again);
      else this.provisionSoon('retry');
    };
    this.#cancelNext?.();
    if (typeof this.faults.wrongPassword === 'number') {
      this.#cancelNext = scheduler.afterReal(1000 / this.faults.wrongPassword, again);
    } else if (error.retryAfter !== undefined) {
      // The server's seconds are real ones, whatever the lab's speed; spread, or all come back at once.
      this.#cancelNext = scheduler.afterReal(
        error.retryAfter * 1000 * (1 + this.fraction(`retry ${this.#failures}`)),
        again,
      );
    } else {
      this.#cancelNext = scheduler.after(wait * (0.8 + 0.4 * this.fraction(`retry ${this.#failures}`)), again);
    }
  }

  #planPoll(): void {
    this.#cancelNext?.();
    const next = this.nextPoll();
    if (next === null) return;
    const poll = (): void => this.provisionSoon('poll');
    const { scheduler } = this.services;
    this.#cancelNext =
      'seconds' in next
        ? scheduler.after(next.seconds, poll)
        : scheduler.afterReal(next.at.getTime() - Date.now(), poll);
  }

  #faultyTarget(target: Target): Target {
    if (this.faults.wrongPassword === undefined || this.faults.wrongPassword === false) return target;
    const credential = credentialOf(target.url) ?? target.credential ?? { username: this.mac, password: '' };
    const url = new URL(target.url);
    url.username = '';
    url.password = '';
    return { url, credential: { username: credential.username, password: `${credential.password}-wrong` } };
  }

  #faultyReply(): ControlReply | null {
    const { faults } = this;
    if (faults.redirect !== undefined) return { status: 302, headers: { Location: faults.redirect } };
    if (faults.refuse === 403) return { status: 403 };
    if (faults.refuse === 401) {
      return {
        status: 401,
        headers: { 'WWW-Authenticate': this.services.authenticator.challenges('phone', ['basic', 'digest-md5']) },
      };
    }
    if (faults.busy !== undefined && faults.busy !== false && faults.busy !== 0) {
      if (typeof faults.busy === 'number') faults.busy--;
      return { status: this.vendor === 'poly' ? 403 : 503 };
    }
    return null;
  }

  #setState(state: LabPhoneState): void {
    this.#state = state;
  }

  /** A life that ended by going down is no error; what is no `LabError` either is a mistake in the lab. */
  #ended(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#lastError = messageOf(error);
    if (error instanceof LabError) this.emit({ type: 'failed', reason: error.message });
    else this.services.crash(error);
  }
}

const REMEMBERED = 50;

function remember(list: string[], text: string): void {
  list.unshift(text);
  list.length = Math.min(list.length, REMEMBERED);
}

function sameTarget(a: Target, b: Target): boolean {
  return (
    a.url.href === b.url.href &&
    a.credential?.username === b.credential?.username &&
    a.credential?.password === b.credential?.password
  );
}
