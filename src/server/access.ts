/** Who gets what: the table of design.md section 6, in its order. */

import { deviceKey } from '../sdk/configuration/credentials.ts';
import type { Admission, Enrolment } from '../sdk/ports/enrolments.ts';
import { CAME_BACK, type FactWriter } from '../sdk/ports/facts.ts';
import type { ServedDevice, ServingReader } from '../sdk/ports/serving.ts';
import type { Identification } from '../vendors/driver.ts';
import type { Proof } from './authentication.ts';
import type { CertifiedPhone } from './client-certificate.ts';
import { Networks } from './networks.ts';

export interface Claim {
  readonly address: string;
  readonly certificate: CertifiedPhone | undefined;
  readonly proof: Proof;
  /** What path and User-Agent say; claims, not proofs. */
  readonly identification: Identification | undefined;
  /** MAC that the path or the User-Agent names. */
  readonly mac: string | undefined;
  /** The path itself names that MAC: what is asked for is the device's own file. */
  readonly own: boolean;
  readonly userAgent: string;
  readonly at: number;
}

export type Decision =
  /** Its own files. */
  | { readonly kind: 'own'; readonly device: ServedDevice; readonly by: 'certificate' | 'login' | 'shared' }
  /** The enrolment file. */
  | { readonly kind: 'enrolment'; readonly device: ServedDevice }
  /** It proved that it may ask, but what it asks for belongs to no device: nothing but shared files is there. */
  | { readonly kind: 'stranger' }
  | { readonly kind: 'denied'; readonly why: string };

/** Where phones of a site without subnets may enrol from: never from the Internet unless somebody says so. */
const PRIVATE_NETWORKS = new Networks([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
]);

export interface AccessOptions {
  readonly reader: ServingReader;
  readonly writer: FactWriter;
}

/**
 * How long a phone that cannot send credentials unasked is asked for the ones that it was just given. After that its
 * window gives them again: it may have lost power before it kept them. Milliseconds.
 */
const CHALLENGED_FOR = 30_000;
/** Who has not shown its login for so long after it was asked for it has lost it. Milliseconds. */
const LOGIN_TAKES = 10_000;
const REMEMBERED = 10_000;

export class Access {
  readonly #reader: ServingReader;
  readonly #writer: FactWriter;
  /** When devices were given their credentials, by id. */
  readonly #issued = new Map<number, number>();
  /** When enrolled devices came without their login and were asked for it, by id, until they show it. */
  readonly #asked = new Map<number, number>();

  constructor({ reader, writer }: AccessOptions) {
    this.#reader = reader;
    this.#writer = writer;
  }

  async decide(claim: Claim): Promise<Decision> {
    const { certificate, proof } = claim;
    if (certificate !== undefined) {
      const decision = await this.#byCertificate(claim, certificate);
      if (decision !== undefined) return decision;
    }
    if (proof.kind === 'login') return this.#byLogin(proof.device);
    if (proof.kind === 'shared') return this.#byShared(claim);
    // A factory Cisco has no way to send credentials; its open window is all that lets it in.
    if (!proof.attempted && claim.identification?.vendor === 'cisco' && claim.mac !== undefined) {
      const device = await this.#reader.deviceByMac(claim.mac);
      if (device?.vendor === 'cisco') {
        if (claim.own && this.#wasIssued(device, claim.at)) return { kind: 'denied', why: 'has credentials to show' };
        return this.#byWindow(claim, device);
      }
    }
    return { kind: 'denied', why: proof.attempted ? 'wrong credentials' : 'no credentials' };
  }

  /** Tells that the device has just been given its own credentials. */
  issued(device: ServedDevice, at: number): void {
    remember(this.#issued, device, at);
  }

  #wasIssued(device: ServedDevice, at: number): boolean {
    const issued = this.#issued.get(device.id);
    return issued !== undefined && at - issued < CHALLENGED_FOR;
  }

  /** `undefined` when the certificate names a phone that is not ours: a login may still prove another. */
  async #byCertificate(claim: Claim, certificate: CertifiedPhone): Promise<Decision | undefined> {
    const { mac, vendor } = certificate;
    const device = (await this.#reader.deviceByMac(mac)) ?? (await this.#autoAdd({ ...claim, mac }, vendor));
    if (device === undefined || device.state !== 'active') return undefined;
    if (device.vendor !== null && device.vendor !== vendor)
      return { kind: 'denied', why: 'certificate of another vendor' };
    return { kind: 'own', device: { ...device, vendor }, by: 'certificate' };
  }

  #byLogin(device: ServedDevice): Decision {
    this.#asked.delete(device.id);
    if (device.state !== 'active') return { kind: 'denied', why: 'device is not active' };
    if (device.provisioning === 'certificate') return { kind: 'denied', why: 'site wants certificates' };
    return { kind: 'own', device, by: 'login' };
  }

  async #byShared(claim: Claim): Promise<Decision> {
    const { mac, identification } = claim;
    // Such as the firmware probe of a Poly phone, `<part>.sip.ld`: a 401 would make it give up (poly.md C.3).
    if (mac === undefined) return { kind: 'stranger' };
    const vendor = identification?.vendor;
    const found = (await this.#reader.deviceByMac(mac)) ?? (await this.#autoAdd(claim, vendor));
    if (found === undefined || found.state !== 'active') return { kind: 'denied', why: 'not announced' };
    const device = { ...found, vendor: found.vendor ?? vendor ?? null };
    if (device.provisioning === 'shared') {
      const subnets = new Networks(await this.#reader.siteSubnets(device.siteId));
      if (subnets.has(claim.address)) return { kind: 'own', device, by: 'shared' };
      return { kind: 'denied', why: 'outside its site' };
    }
    return this.#byWindow(claim, device);
  }

  async #byWindow(claim: Claim, device: ServedDevice): Promise<Decision> {
    if (device.state !== 'active' || device.provisioning === 'certificate') {
      return { kind: 'denied', why: 'no enrolment here' };
    }
    const { address, at } = claim;
    const window = await this.#reader.enrolment(device.id);
    const isOpen = window !== undefined && window.closesAt > at && window.completedAt === null;
    if (!isOpen) {
      if (window?.completedAt && (claim.proof.kind === 'shared' || this.#hasLostLogin(device, at)))
        this.#cameBack(device, address);
      return { kind: 'denied', why: 'no open window' };
    }
    if (!(await this.#networksOf(window, device)).has(address))
      return { kind: 'denied', why: 'outside the window’s networks' };
    const bound =
      window.boundAddress === address ||
      (window.boundAddress === null && (await this.#writer.bindEnrolment({ deviceId: device.id, address, at })));
    if (bound) return { kind: 'enrolment', device };
    this.#attention(
      device,
      `its enrolment was asked for from ${address} too, after ${window.boundAddress ?? 'another address'}: ` +
        `phonectl device enrol ${deviceKey(device)}`,
    );
    return { kind: 'denied', why: 'window is bound to another address' };
  }

  /** Each request of a Cisco begins without a login, which it shows when it is asked for it. */
  #hasLostLogin(device: ServedDevice, at: number): boolean {
    const asked = this.#asked.get(device.id);
    if (asked !== undefined) return at - asked >= LOGIN_TAKES;
    remember(this.#asked, device, at);
    return false;
  }

  /** Those that were named; else the site's subnets; else, where the site has none either, private networks. */
  async #networksOf(window: Enrolment, device: ServedDevice): Promise<Networks> {
    if (window.networks.length > 0) return new Networks(window.networks);
    const subnets = await this.#reader.siteSubnets(device.siteId);
    return subnets.length > 0 ? new Networks(subnets) : PRIVATE_NETWORKS;
  }

  /** Factory reset, or DHCP won over its flash: it must not be lost silently. */
  #cameBack(device: ServedDevice, address: string): void {
    this.#attention(
      device,
      `${CAME_BACK} from ${address} after its enrolment: phonectl device enrol ${deviceKey(device)}`,
    );
  }

  #attention(device: ServedDevice, text: string): void {
    if (device.attention !== text) this.#writer.note({ type: 'attention', deviceId: device.id, text });
  }

  /** PROV-11 where the phone's site wants it; undefined elsewhere. */
  async #autoAdd(
    claim: Claim & { mac: string | undefined },
    vendor: string | undefined,
  ): Promise<ServedDevice | undefined> {
    const { mac, address, at, identification } = claim;
    if (mac === undefined || vendor === undefined) return undefined;
    const admission: Admission = {
      mac,
      vendor,
      model: identification?.model ?? null,
      firmware: identification?.firmware ?? null,
      address,
      at,
    };
    const id = await this.#writer.autoAdd(admission);
    return id === undefined ? undefined : await this.#reader.deviceById(id);
  }
}

function remember(times: Map<number, number>, { id }: ServedDevice, at: number): void {
  times.delete(id);
  times.set(id, at);
  if (times.size <= REMEMBERED) return;
  const [oldest] = times.keys();
  if (oldest !== undefined) times.delete(oldest);
}
