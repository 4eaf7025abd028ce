/** Where a phone stands in the closed loop: desired → served → running (design.md section 4). */
import type { Driver, RunningParameter } from '../../vendors/driver.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import { type ConfigurationSource, type Resolved, resolveFor } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import { type ControlContext, deviceLabel, loadPhone, type Phone } from '../control/phone.ts';
import { isPhonectlError } from '../errors.ts';
import type { Difference, RunningBasis, RunningRecord } from '../ports/running.ts';
import { compare, overridingLayers } from './compare.ts';
import { uploadedOverrides } from './uploaded.ts';

/**
 * - `running`: it was asked, and runs what it should
 * - `served`: it fetched what it should run, and cannot be asked
 * - `pending`: it has not fetched it yet
 * - `differs`: it fetched it, and runs other values
 * - `unknown`: nothing can be said; `reason` says why
 * - `not-applicable`: it takes no configuration from us
 */
export type LoopState = 'running' | 'served' | 'pending' | 'differs' | 'unknown' | 'not-applicable';

export interface Inspection {
  readonly deviceId: number;
  /** MAC, else serial number, else id. */
  readonly device: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly site: string;
  readonly state: LoopState;
  /** Digests; `null` where there is none. */
  readonly desired: string | null;
  readonly served: string | null;
  /** Milliseconds since the epoch. */
  readonly servedAt: number | null;
  /** Where the differences come from; `null` when there was nothing to compare with. */
  readonly basis: RunningBasis | null;
  readonly comparedAt: number | null;
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** The phone's own layers that the differences come from. */
  readonly overriding: readonly string[];
  /** What takes the differences away; a command to type. */
  readonly clear: string | null;
  readonly reason: string | null;
}

/** The fleet's settings and layers are read again after this time (milliseconds). */
const SOURCE_FOR = 2_000;

type Seen =
  | { readonly basis: RunningBasis | null; readonly running: readonly RunningParameter[]; readonly reason?: string }
  | undefined;

export class Inspector {
  readonly #context: ControlContext;
  readonly #transport: DeviceTransport | undefined;
  #source: { readonly at: number; readonly value: Promise<ConfigurationSource> } | undefined;

  /** Without a transport phones are left alone, and only what they sent by themselves is looked at. */
  constructor(context: ControlContext, transport?: DeviceTransport) {
    this.#context = context;
    this.#transport = transport;
  }

  /** Looks at one device. What stands in the way is said in `reason`, since many are looked at at once. */
  async inspect(deviceId: number, signal: AbortSignal): Promise<Inspection> {
    const phone = await loadPhone(this.#context, deviceId);
    if ('reason' in phone) return unlooked(deviceId, phone.device, 'not-applicable', phone.reason);
    try {
      return await this.#look(phone, signal);
    } catch (error) {
      if (!isPhonectlError(error) || error.code === 'wrong_key' || error.code === 'locked') throw error;
      return unlooked(deviceId, phone.device, 'unknown', error.message);
    }
  }

  /** What the device should run now. Throws what resolving throws; `undefined` for one that is gone. */
  async desired(deviceId: number): Promise<Resolved | undefined> {
    const source = await this.#current();
    const stored = await source.reader.deviceById(deviceId);
    return stored && (await resolveFor(source, stored));
  }

  /** Keeps what was seen, for lists and for `config status`. */
  async record(inspections: readonly Inspection[]): Promise<void> {
    const records = inspections.flatMap(toRecord);
    if (records.length === 0) return;
    await this.#context.store.transaction(({ running }) => running.record(records));
  }

  async #look(phone: Phone, signal: AbortSignal): Promise<Inspection> {
    const { device, driver } = phone;
    const resolved = await this.desired(device.id);
    if (resolved === undefined) return unlooked(device.id, device, 'not-applicable', 'the device was deleted');
    const { servedDigest, servedAt } = device.facts;
    const base = {
      ...unlooked(device.id, device, 'pending', pendingReason(phone)),
      desired: resolved.digest,
      served: servedDigest,
      servedAt,
    };
    if (servedDigest !== resolved.digest) return base;
    const seen = (await this.#ask(phone, resolved, signal)) ?? { basis: null, running: [] };
    const read = seen.basis === 'phone' ? seen : { ...(await this.#uploaded(device.id, driver)), ...reasonOf(seen) };
    const { differences, compared } = compare(resolved, read.running);
    const overriding = overridingLayers(driver, differences);
    return {
      ...base,
      state: differences.length > 0 ? 'differs' : read.basis === 'phone' ? 'running' : 'served',
      basis: read.basis,
      comparedAt: read.basis === null ? null : this.#context.clock.now(),
      compared,
      differences,
      overriding,
      clear: differences.length === 0 ? null : clearing(base.device, overriding),
      reason: read.reason ?? null,
    };
  }

  /** Asks the phone; `undefined` when there is no transport or no phone of this kind can be asked. */
  async #ask(phone: Phone, { effective }: Resolved, signal: AbortSignal): Promise<Seen> {
    const { running } = phone.driver.actions;
    if (this.#transport === undefined || running === undefined) return undefined;
    const reason =
      running.notApplicable(phone.target) ??
      phone.unreachable ??
      (phone.withoutLogin ? 'phonectl has no admin password for it' : undefined);
    if (reason !== undefined) return { basis: null, running: [], reason };
    try {
      const names = [...effective.keys()];
      return { basis: 'phone', running: await running.read(phone.target, names, this.#transport, signal) };
    } catch (error) {
      if (signal.aborted || !isPhonectlError(error)) throw error;
      return { basis: null, running: [], reason: error.message };
    }
  }

  async #uploaded(deviceId: number, driver: Driver): Promise<NonNullable<Seen>> {
    const { known, parameters } = await uploadedOverrides(this.#context, deviceId, driver);
    return { basis: known ? 'upload' : null, running: parameters };
  }

  async #current(): Promise<ConfigurationSource> {
    const now = performance.now();
    if (this.#source === undefined || now - this.#source.at > SOURCE_FOR) {
      this.#source = { at: now, value: readingSource(this.#context) };
    }
    const source = await this.#source.value;
    for (const layer of source.layers) await layer.refresh?.();
    return source;
  }
}

function unlooked(
  deviceId: number,
  device: Phone['device'] | undefined,
  state: LoopState,
  reason: string | null,
): Inspection {
  return {
    deviceId,
    device: device === undefined ? String(deviceId) : deviceLabel(device, deviceId),
    name: device?.name ?? '',
    vendor: device?.vendor ?? device?.facts.vendor ?? null,
    model: device?.model ?? device?.facts.model ?? null,
    site: device?.site ?? '',
    state,
    desired: null,
    served: device?.facts.servedDigest ?? null,
    servedAt: device?.facts.servedAt ?? null,
    basis: null,
    comparedAt: null,
    compared: 0,
    differences: [],
    overriding: [],
    clear: null,
    reason,
  };
}

function pendingReason({ device, unreachable }: Phone): string {
  if (device.facts.servedAt === null) return 'it has not fetched a configuration yet';
  return unreachable === undefined ? 'it has not fetched it yet' : 'it gets it at its next contact';
}

function reasonOf(seen: NonNullable<Seen>): { readonly reason?: string } {
  return seen.reason === undefined ? {} : { reason: seen.reason };
}

/** Only the phone can forget what was set on it; what it has merely not applied, another push brings. */
function clearing(device: string, layers: readonly string[]): string {
  if (layers.length === 0) return `phonectl config push ${device}`;
  return layers.map((layer) => `phonectl device reset ${device} --scope ${layer}`).join(' && ');
}

function toRecord(inspection: Inspection): readonly RunningRecord[] {
  const { deviceId, desired, basis, comparedAt, differences } = inspection;
  if (desired === null || basis === null || comparedAt === null) return [];
  const running = differences.length === 0 ? desired : digestOf(desired, differences);
  return [{ deviceId, at: comparedAt, desired, running, basis, differences }];
}

function digestOf(desired: string, differences: readonly Difference[]): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(desired).update(JSON.stringify(differences)).digest('hex').slice(0, 32);
}
