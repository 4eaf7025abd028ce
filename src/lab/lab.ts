/** The lab: makes the phones, boots them, and lets its owner watch and disturb them. */
import { CiscoPhone } from './cisco/phone.ts';
import { ControlHub } from './control-hub.ts';
import { Authenticator } from './digest.ts';
import { LabError, messageOf } from './errors.ts';
import { Contexts, Identities } from './identities.ts';
import type { LabPhone } from './phone.ts';
import { PolyPhone } from './poly/phone.ts';
import { Scheduler, Slots } from './scheduler.ts';
import type { LabServices, PhoneEvent } from './services.ts';
import { SipHub } from './sip-hub.ts';
import { SyslogSender } from './syslog.ts';
import type { LabEvent, LabOptions, LabPhoneSpec, LabPhoneState, LabPhoneStatus, LabVendor } from './types.ts';
import { YealinkPhone } from './yealink/phone.ts';

const VENDORS: Record<LabVendor, new (spec: LabPhoneSpec, services: LabServices) => LabPhone> = {
  poly: PolyPhone,
  yealink: YealinkPhone,
  cisco: CiscoPhone,
};

/** Listeners are opened in gulps: one by one is slow, all at once is a burst of thousands of promises. */
const BIND_AT_ONCE = 256;
/** How long a change may wait before `waitFor` looks again; a predicate over 5,000 phones costs a millisecond or two. */
const LOOK_EVERY = 25;

export class Lab {
  readonly phones: ReadonlyMap<string, LabPhone>;
  readonly #services: LabServices;
  readonly #identities: Identities;
  readonly #watchers = new Set<() => void>();
  readonly #onEvent: ((event: LabEvent) => void) | undefined;
  #crash: { error: unknown } | null = null;
  #lookSoon: NodeJS.Timeout | undefined;

  /** @internal use {@link startLab} */
  constructor(options: LabOptions) {
    this.#onEvent = options.onEvent?.bind(options);
    this.#identities = new Identities();
    this.#services = {
      scheduler: new Scheduler(options.speed ?? 1),
      slots: new Slots(options.bootConcurrency ?? 64),
      contexts: new Contexts(this.#identities),
      control: new ControlHub(),
      sip: new SipHub(),
      syslog: new SyslogSender(),
      authenticator: new Authenticator(),
      ca: options.ca === undefined ? [] : [options.ca],
      checkServerName: options.checkServerName ?? true,
      clientCertificates: options.clientCertificates ?? false,
      natAddress: options.natAddress,
      controlPort: options.controlPort ?? 0,
      sipPort: options.sipPort ?? 5060,
      findLine: (number) => this.#findLine(number),
      emit: (mac, event) => this.#emit(mac, event),
      crash: (error) => this.#crashed(error),
    };
    this.phones = new Map(options.phones.map((spec) => [spec.mac, new VENDORS[spec.vendor](spec, this.#services)]));
  }

  /** The phone of this MAC. Throws `LabError('no_phone')`. */
  phone(mac: string): LabPhone {
    const phone = this.phones.get(mac);
    if (phone === undefined) throw new LabError('no_phone', `the lab has no phone ${mac}`);
    return phone;
  }

  /** Base URL of the phone's control interface, such as `https://127.1.0.5:43210`. */
  controlUrl(mac: string): string {
    return this.phone(mac).controlUrl;
  }

  /** Where the phone takes SIP, over UDP and TCP. */
  sipAddress(mac: string): { address: string; port: number } {
    const phone = this.phone(mac);
    return { address: phone.address, port: phone.sipPort };
  }

  status(): LabPhoneStatus[] {
    return [...this.phones.values()].map((phone) => phone.status());
  }

  /** How many phones are in each state. */
  counts(): Record<LabPhoneState, number> {
    const counts = { booting: 0, running: 0, offline: 0, unprovisioned: 0 };
    for (const phone of this.phones.values()) counts[phone.state]++;
    return counts;
  }

  /**
   * Resolves when the predicate holds; it is asked after events, not in a loop.
   * Rejects with `LabError('timeout')` after `timeout` ms, or with the mistake that broke the lab.
   */
  waitFor(predicate: (lab: Lab) => boolean, timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        end();
      };
      const look = (): void => {
        if (this.#crash !== null) settle(() => reject(this.#crash?.error));
        else if (predicate(this)) settle(resolve);
      };
      const timer = setTimeout(() => settle(() => reject(this.#timeout(timeout))), timeout);
      this.#watchers.add(look);
      look();
    });
  }

  /** Somebody reboots the phone by hand. */
  reboot(mac: string): void {
    this.phone(mac).reboot('by hand');
  }

  /** A program of the phone crashes, and takes the phone with it. */
  crash(mac: string, program = 'tApp0'): void {
    this.phone(mac).crash(program);
  }

  powerOff(mac: string): void {
    this.phone(mac).powerOff();
  }

  powerOn(mac: string): void {
    this.phone(mac).powerOn();
  }

  /** The user changes a value on the phone's web page (Poly: layer `web`; `local` is the phone's own menu). */
  async setLocal(mac: string, parameter: string, value: string, layer?: string): Promise<void> {
    const phone = this.phone(mac);
    await phone.setLocal(layer ?? (phone.vendor === 'poly' ? 'web' : 'local'), [[parameter, value]]);
  }

  /** PEM of the CA that signed this vendor's phones in this lab. */
  vendorCa(vendor: LabVendor): Promise<string> {
    return this.#identities.vendorCa(vendor);
  }

  /** Takes the power from every phone and gives back every port and timer. */
  async stop(): Promise<void> {
    clearTimeout(this.#lookSoon);
    for (const phone of this.phones.values()) phone.powerOff();
    this.#services.scheduler.stop();
    this.#services.control.stop();
    this.#services.sip.stop();
    this.#services.syslog.stop();
    // Aborted requests settle in the next turns; whoever stops a lab wants silence after it.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** @internal */
  async start(): Promise<void> {
    const phones = [...this.phones.values()];
    try {
      for (let at = 0; at < phones.length; at += BIND_AT_ONCE) {
        await Promise.all(phones.slice(at, at + BIND_AT_ONCE).map((phone) => phone.bind()));
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const phone of phones) phone.powerOn();
  }

  #findLine(number: string): { phone: LabPhone; line: number } | undefined {
    for (const phone of this.phones.values()) {
      const own = phone.lines.find(({ user, registered }) => registered && user === number);
      if (own !== undefined) return { phone, line: own.line };
    }
    return undefined;
  }

  #emit(mac: string, event: PhoneEvent): void {
    this.#onEvent?.({ mac, at: new Date(), ...event } as LabEvent);
    if (this.#watchers.size === 0 || this.#lookSoon !== undefined) return;
    this.#lookSoon = setTimeout(() => {
      this.#lookSoon = undefined;
      this.#lookAll();
    }, LOOK_EVERY);
  }

  #crashed(error: unknown): void {
    this.#crash ??= { error };
    this.#lookAll();
  }

  #lookAll(): void {
    for (const look of [...this.#watchers]) look();
  }

  #timeout(ms: number): LabError {
    const counts = Object.entries(this.counts()).map(([state, count]) => `${count} ${state}`);
    const reasons = this.status().flatMap(({ mac, lastError }) => (lastError === null ? [] : [`${mac}: ${lastError}`]));
    return new LabError(
      'timeout',
      [`not reached in ${ms} ms: ${counts.join(', ')}`, ...reasons.slice(0, 5)].join('; '),
    );
  }
}

/** Makes the phones, opens their interfaces and starts to boot them. Rejects when a spec is wrong or an address is taken. */
export async function startLab(options: LabOptions): Promise<Lab> {
  checkSpecs(options.phones);
  const lab = new Lab(options);
  await lab.start();
  return lab;
}

function checkSpecs(specs: readonly LabPhoneSpec[]): void {
  const seen = new Set<string>();
  for (const { mac, address, server, vendor } of specs) {
    if (!/^[0-9a-f]{12}$/.test(mac))
      throw new LabError('bad_spec', `"${mac}" is not a MAC of 12 lower-case hex digits`);
    if (!/^127(\.\d{1,3}){3}$/.test(address))
      throw new LabError('bad_spec', `${mac}: ${address} is not a loopback address 127.x.y.z`);
    if (!Object.hasOwn(VENDORS, vendor)) throw new LabError('bad_spec', `${mac}: no such vendor "${vendor}"`);
    try {
      new URL(server);
    } catch (error) {
      throw new LabError('bad_spec', `${mac}: the provisioning URL cannot be read: ${messageOf(error)}`);
    }
    for (const key of [mac, address]) {
      if (seen.has(key)) throw new LabError('bad_spec', `${key} stands in the lab twice`);
      seen.add(key);
    }
  }
}
