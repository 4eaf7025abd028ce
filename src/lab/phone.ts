/**
 * The life of a phone, whoever built it: power, boot, provisioning, moving to another server, retries, polls, reboots.
 * The three vendors fill in how (poly/phone.ts, yealink/phone.ts, cisco/phone.ts).
 */
import type { Durations, Happening, NextPoll, Target } from './behaviour.ts';
import { Doors } from './doors.ts';
import { LabError } from './errors.ts';
import { Flash, type Offer } from './firmware.ts';
import type { HttpSession, RequestOptions } from './http-client.ts';
import { NextVisit, sameTarget, wrongPasswordFor } from './next-visit.ts';
import type { Parameters } from './parameters.ts';
import { PhoneBase } from './phone-base.ts';
import type { LabServices } from './services.ts';
import { statusOf } from './status.ts';
import type { Credential, LabPhoneSpec, LabPhoneState, LabPhoneStatus, Occasion } from './types.ts';

/** Of a reboot, this part passes before the network is up and the first request leaves. */
const DARK_PART = 0.75;
/** A phone that is sent from one server to the next gives up after so many. */
const MOST_MOVES = 5;
/** As in syslog. */
const CRITICAL = 2;

export abstract class LabPhone extends PhoneBase {
  /** What the phone was given by hand or by its factory; its configuration may override it. */
  protected stored: Credential | undefined;
  /** Why it provisions now, or did last. */
  protected occasion: Occasion = 'boot';

  #state: LabPhoneState = 'offline';
  #bootCount = 0;
  #bootedAt = 0;
  #provisionedAt: Date | null = null;
  readonly #doors: Doors;
  #isProvisioning = false;
  #askedAgain = false;
  readonly #flash = new Flash();
  readonly #next: NextVisit;

  protected abstract readonly durations: Durations;
  /** Poly: a new provisioning server is only asked after a restart (poly.md C.10); the others ask it at once. */
  protected abstract readonly restartsToMove: boolean;
  /** Whether a refused image costs a restart; the others go on as they are. */
  protected abstract readonly restartsWhenRefusing: boolean;

  constructor(spec: LabPhoneSpec, services: LabServices, parameters: Parameters) {
    super(spec, services, parameters);
    this.stored = spec.credential;
    this.#doors = new Doors(this, services);
    this.#next = new NextVisit(this, services.scheduler);
  }

  /** Where it would provision from now. Throws `LabError` where its configuration names no address. */
  abstract target(): Target;
  /** Fetches and applies everything. Returns the names of parameters whose value changed. Throws `LabError`. */
  protected abstract fetchConfiguration(session: HttpSession, target: Target, occasion: Occasion): Promise<string[]>;
  protected abstract impactOf(changed: readonly string[]): 'none' | 'restart' | 'reboot';
  /** Is the phone's web server switched on? */
  protected abstract webServerIsOn(): boolean;
  protected abstract nextPoll(): NextPoll;
  /** Clears what a factory reset clears beside the parameters. */
  protected abstract forget(): void;
  /** Its values have changed, or it has started: what they decide begins or ends now. */
  protected abstract settled(): void;

  /** Aborts when the phone goes down. */
  get lifeSignal(): AbortSignal {
    return this.life.signal;
  }

  get state(): LabPhoneState {
    return this.#state;
  }

  /** Milliseconds since the last boot. */
  get uptime(): number {
    return this.#bootedAt === 0 ? 0 : Date.now() - this.#bootedAt;
  }

  get controlUrl(): string {
    return `https://${this.address}:${this.#doors.controlPort}`;
  }

  get sipPort(): number {
    return this.#doors.sipPort;
  }

  /** Boots since the lab started, the first one included. */
  get bootCount(): number {
    return this.#bootCount;
  }

  /** When the last configuration was applied. */
  get provisionedAt(): Date | null {
    return this.#provisionedAt;
  }

  status(): LabPhoneStatus {
    return statusOf(this);
  }

  /** Opens the listeners, so that a taken address is known before the first phone boots. */
  async bind(): Promise<void> {
    if (this.faults.offline !== true) await this.#doors.open(this.life.signal);
  }

  /** Boots now; the phone was without power. */
  powerOn(): void {
    if (this.#state !== 'offline' || this.faults.offline === true) return;
    this.#startLife(0);
  }

  /** Takes the power away. */
  powerOff(): void {
    this.#endLife();
    this.#state = 'offline';
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

  /** A program hangs or crashes: the watchdog restarts the phone (lines as recorded of a VVX). */
  crash(program: string): boolean {
    this.note({ part: 'system', severity: CRITICAL, always: true, text: `Watchdog Expired: ${program}, 44` });
    this.crashed(program);
    return this.#goDown('crash', this.durations.reboot);
  }

  /** Looks for a new configuration, as after a check-sync, and does with it what the vendor does. */
  async provision(occasion: Occasion): Promise<void> {
    if (this.#state === 'booting' || this.#state === 'offline') return;
    if (this.#isProvisioning) {
      // What is asked meanwhile is done afterwards: the answer that is being read may be older than the question.
      this.#askedAgain ||= occasion === 'request';
      return;
    }
    const { signal } = this.life;
    this.#isProvisioning = true;
    this.#askedAgain = false;
    try {
      const wasUnprovisioned = this.#state === 'unprovisioned';
      if (occasion === 'retry') this.clockIsRight = true;
      if (occasion === 'request') this.#flash.forget();
      const changed = await this.#provision(occasion, signal);
      if (changed === null || this.#write()) return;
      const impact = this.impactOf(changed);
      if (!wasUnprovisioned && impact !== 'none') {
        this.#goDown('configuration', this.durations[impact]);
        return;
      }
      this.#state = 'running';
      const news: Happening[] = [{ what: 'provisioned', occasion }];
      if (wasUnprovisioned) news.push({ what: 'booted' });
      await this.#settle(news, signal);
    } catch (error) {
      this.ended(error, signal);
    } finally {
      if (this.life.signal === signal) {
        this.#isProvisioning = false;
        if (this.#askedAgain) this.provisionSoon('request');
      }
    }
  }

  /** As {@link provision}, started and left to itself. */
  provisionSoon(occasion: Occasion): void {
    void this.provision(occasion);
  }

  /** The user changes a value, on the phone or on its web page. */
  async setLocal(layer: string, values: Iterable<readonly [string, string]>): Promise<void> {
    const { signal } = this.life;
    const changed = this.parameters.set(layer, values);
    if (changed.length === 0) return;
    await this.changedLocally(layer, changed, signal);
    await this.#settle([{ what: 'changed', names: changed }], signal);
  }

  /** Brings web server and lines in step with the parameters, and reports that after the other news, in one go. */
  async #settle(news: readonly Happening[], signal: AbortSignal): Promise<void> {
    this.settled();
    await this.#doors.switchWeb(this.webServerIsOn());
    await this.report([...news, ...this.refreshLines()], signal);
  }

  /** Back to what left the factory, and reboots. */
  factoryReset(cause: string, layers: readonly string[]): boolean {
    if (this.faults.rebootIgnored === true) return false;
    for (const layer of layers) this.parameters.clear(layer);
    this.trusted.clear();
    this.forget();
    this.log.clear();
    this.#provisionedAt = null;
    return this.reboot(cause);
  }

  /** Fetches an image that it does not run; it is written when everything else has been fetched. */
  protected async load(session: HttpSession, offer: Offer, options?: RequestOptions): Promise<void> {
    await this.#flash.load(session, offer, this, options);
  }

  /** Writes what was fetched and comes back with it. False where there is nothing to write, or the phone goes on as it is. */
  #write(): boolean {
    const image = this.#flash.take();
    if (image === undefined) return false;
    const { version, works } = image;
    this.emit({ type: 'firmware', version, result: works ? 'installed' : 'refused' });
    if (!works && !this.restartsWhenRefusing) return false;
    if (works) this.installed = version;
    return this.#goDown('firmware', this.durations.flash);
  }

  /** Some phones send what is left of the program when they are up again. */
  protected crashed(_program: string): void {}

  /** Some phones upload what the user changed. */
  protected async changedLocally(_layer: string, _names: readonly string[], _signal: AbortSignal): Promise<void> {}

  // The life of a phone, from power-on or reboot to the next one. Everything it waits for ends with its life.

  #startLife(seconds: number): void {
    this.life = new AbortController();
    const { signal } = this.life;
    this.#isProvisioning = false;
    this.clockIsRight = this.faults.clockInPast !== true;
    this.#state = 'booting';
    this.#boot(seconds, signal).catch((error: unknown) => this.ended(error, signal));
  }

  #endLife(): void {
    this.#next.cancel();
    this.life.abort(new LabError('refused', `${this.mac} went down`));
    this.#doors.close();
    this.forgetMoment();
  }

  #goDown(cause: string, seconds: number): boolean {
    if (this.#state === 'offline' || this.faults.rebootIgnored === true) return false;
    this.emit({ type: 'reboot', cause });
    this.#endLife();
    if (this.faults.neverComesBack === true) {
      this.#state = 'offline';
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
    if (changed !== null && this.#write()) return;
    await scheduler.pause(seconds * (1 - DARK_PART), signal);
    await this.bind();
    const known = changed !== null || this.#provisionedAt !== null;
    this.#state = known ? 'running' : 'unprovisioned';
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
        const target = this.#whereTo();
        const release = await this.services.slots.acquire(signal);
        try {
          const names = await this.withSession(signal, (session) => this.fetchConfiguration(session, target, occasion));
          for (const name of names) changed.add(name);
          this.emit({ type: 'provisioned', occasion, changed: names.length });
        } finally {
          release();
        }
        if (sameTarget(target, this.#whereTo())) break;
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
    this.#next.succeeded();
    this.lastError = null;
    this.#provisionedAt = new Date();
    this.#next.atPoll(this.nextPoll());
    // The configuration is good; the image is looked at again soon.
    if (this.#flash.trouble !== undefined) this.#failed(this.#flash.trouble);
    return [...changed];
  }

  #failed(error: LabError): void {
    this.lastError = error.message;
    this.emit({ type: 'failed', reason: error.message });
    const { wrongPassword } = this.faults;
    this.#next.afterFailure(
      error,
      this.durations.retries,
      typeof wrongPassword === 'number' ? wrongPassword : undefined,
    );
  }

  /** Comes to its server as planned; false while it has no time for it. */
  visit(occasion: 'poll' | 'retry'): boolean {
    if (this.#state === 'booting' || this.#isProvisioning) return false;
    this.provisionSoon(occasion);
    return true;
  }

  #whereTo(): Target {
    const { wrongPassword } = this.faults;
    const target = this.target();
    return wrongPassword === undefined || wrongPassword === false ? target : wrongPasswordFor(this.mac, target);
  }
}
