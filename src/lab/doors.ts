/** The two listeners of a phone, on its own address: web server and SIP. */
import type { ControlTarget } from './control-hub.ts';
import type { LabServices } from './services.ts';
import type { SipTarget } from './sip-hub.ts';

export class Doors {
  readonly #phone: ControlTarget & SipTarget;
  readonly #services: LabServices;
  #control: number;
  #sip: number;
  #isOpen = false;
  #webIsOpen = false;

  constructor(phone: ControlTarget & SipTarget, services: LabServices) {
    this.#phone = phone;
    this.#services = services;
    this.#control = services.controlPort;
    this.#sip = services.sipPort;
  }

  get controlPort(): number {
    return this.#control;
  }

  get sipPort(): number {
    return this.#sip;
  }

  /** The ports stay the same from one boot to the next. Rejects where one cannot be had. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#webIsOpen = true;
    this.#control = await this.#services.control.open(this.#phone, this.#control);
    this.#sip = await this.#services.sip.open(this.#phone, this.#sip);
    if (signal.aborted) this.close();
  }

  close(): void {
    this.#services.control.close(this.#phone.mac);
    this.#services.sip.close(this.#phone.mac);
    this.#isOpen = false;
  }

  /** The web server alone, as its parameter has it. */
  async switchWeb(isOn: boolean): Promise<void> {
    if (isOn === this.#webIsOpen) return;
    this.#webIsOpen = isOn;
    if (isOn) this.#control = await this.#services.control.open(this.#phone, this.#control);
    else this.#services.control.close(this.#phone.mac);
  }
}
