/** What requests teach us of phones, as facts for the writer. */
import { type FactWriter, OLD_PASSWORD, UNCONFIGURABLE } from '../sdk/ports/facts.ts';
import type { FoundFile, ServedDevice } from '../sdk/ports/serving.ts';
import type { Driver, Identification, PhoneRequest } from '../vendors/driver.ts';
import type { Claim } from './access.ts';
import { Recent } from './recent.ts';

/** A login's use is noted at most this often (milliseconds). */
const USE_NOTED = 60_000;

export class Learning {
  readonly #writer: FactWriter;
  readonly #strangers = new Recent(10_000, 10 * 60_000);
  /** A boot shows in several requests within a second or two. */
  readonly #boots = new Recent(10_000, 5_000);
  /** Some phones fetch each file twice in a row (T54W); that is one fetch. */
  readonly #fetches = new Recent(20_000, 500);
  /** When it did so counts to a tenth of a second: whoever told it to come wants to know that it came. */
  readonly #moments = new Recent(20_000, 100);
  readonly #logins = new Recent(10_000, USE_NOTED);

  constructor(writer: FactWriter) {
    this.#writer = writer;
  }

  /** The phone is there, at this address, with what it says of itself. */
  seen(device: ServedDevice, { address, at, identification, proof }: Claim): void {
    const { id: deviceId } = device;
    this.#writer.note({ type: 'seen', deviceId, at, address, ...ofVendor(identification, device) });
    if (proof.kind === 'shared') this.#rotation(device, proof.old);
    if (proof.kind !== 'login') return;
    const due = proof.firstUse || at - proof.lastUsedAt > USE_NOTED;
    // Per login: the one that a rotation or a new enrolment made is noted at once.
    if (due && !this.#logins.has(`${deviceId} ${proof.since}`, at)) {
      this.#writer.note({ type: 'login-used', deviceId, at, address });
    }
  }

  /** PROV-07: who still shows the old password stands in `--attention` until it shows the new one. */
  #rotation({ id: deviceId, attention }: ServedDevice, old: boolean): void {
    const noted = attention?.startsWith(OLD_PASSWORD) === true;
    if (old && attention === null) {
      const text = `${OLD_PASSWORD}: give it the new one before the time of grace is over`;
      this.#writer.note({ type: 'attention', deviceId, text });
    }
    if (!old && noted) this.#writer.note({ type: 'attention', deviceId, text: null });
  }

  booted(
    device: ServedDevice,
    driver: Driver | undefined,
    phone: PhoneRequest & { readonly query: string },
    { address, at }: Claim,
  ): void {
    const { id: deviceId } = device;
    if (driver?.bootEvidence(phone) !== true || this.#boots.has(String(deviceId), at)) return;
    this.#writer.note({ type: 'reported', deviceId, at, address, kind: 'boot', detail: { by: 'request' } });
  }

  /** Somebody whom we do not let in; the writer finds out whether the MAC is known. */
  stranger({ mac: claimed, certificate, identification, address, userAgent, at }: Claim): void {
    const mac = certificate?.mac ?? claimed;
    if (mac === undefined || identification === undefined || this.#strangers.has(mac, at)) return;
    this.#writer.note({
      type: 'stranger',
      mac,
      at,
      address,
      userAgent: userAgent.slice(0, 256),
      vendor: identification.vendor,
      model: identification.model ?? null,
      firmware: identification.firmware ?? null,
    });
  }

  served(device: ServedDevice, claim: Claim, name: string, digest: string, status: number): void {
    const { at, address, identification } = claim;
    const { firmware } = ofVendor(identification, device);
    const fetch = `${device.id} ${digest} ${name}`;
    if (this.#moments.has(fetch, at)) return;
    this.#writer.note({
      type: 'served',
      deviceId: device.id,
      at,
      address,
      name,
      digest,
      status,
      again: this.#fetches.has(fetch, at),
      ...(firmware !== undefined && { firmware }),
    });
  }

  /** Nobody but a human can help; errors of drivers name parameters, never values. */
  unrenderable(device: ServedDevice, why: string): void {
    const text = `${UNCONFIGURABLE}: ${why}`.slice(0, 500);
    if (device.attention !== text) this.#writer.note({ type: 'attention', deviceId: device.id, text });
  }

  /** It fetched this much of a file: `until` is where what was sent ends. */
  downloaded(device: ServedDevice, { at, address }: Claim, { kind, name, size }: FoundFile, until: number): void {
    const evidence = {
      deviceId: device.id,
      at,
      kind: 'download' as const,
      address,
      detail: { kind, name, until, size },
    };
    this.#writer.note({ type: 'evidence', evidence });
  }

  did(device: ServedDevice, { at, address }: Claim, kind: 'enrolment' | 'upload', name: string): void {
    const evidence = { deviceId: device.id, at, kind, address, detail: { name } };
    this.#writer.note({ type: 'evidence', evidence });
  }
}

/** Facts that a request tells of itself count only when they are of the vendor that the device has. */
export function ofVendor(
  identification: Identification | undefined,
  device: ServedDevice,
): { vendor?: string; model?: string; firmware?: string } {
  if (identification === undefined || (device.vendor !== null && identification.vendor !== device.vendor)) return {};
  const { vendor, model, firmware } = identification;
  return { vendor, ...(model !== undefined && { model }), ...(firmware !== undefined && { firmware }) };
}
