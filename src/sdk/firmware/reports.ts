/** What firmware the fleet runs: counts (FW-19), what could be newer (MODEL-19), what is known to be unsafe (F-31). */

import type { Model, ModelCatalogue } from '../../domain/models.ts';
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import { loadModels } from '../../vendors/models.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevices } from '../devices/references.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { ImageRecord } from '../ports/files.ts';
import { findingsFor, loadAdvisories, type Severity, type Verdict } from './advisories.ts';
import { isNewer, misfit } from './infer.ts';

interface Row {
  readonly device: string;
  readonly name: string;
  readonly site: string;
  readonly model: string | null;
  /** What it runs; `null` while it has not told. */
  readonly firmware: string | null;
}

export interface OutdatedRow extends Row {
  /** Newest release of ours that fits. */
  readonly newest: string;
  readonly image: string;
}

export interface AuditRow extends Row {
  readonly advisory: string;
  readonly severity: Severity;
  readonly title: string;
  /** `unknown`: the table does not say for this version; it is not safe because of that. */
  readonly verdict: Verdict;
  /** First version without the flaw; `null` where none is known. */
  readonly fixed: string | null;
}

export interface RunningRow {
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly devices: number;
}

interface SelectorInput {
  readonly selector: DeviceSelector;
}

/** Phones that run an older release than the newest of our images that fits them. */
export async function* outdatedFirmware(context: OperationContext, input: SelectorInput): AsyncGenerator<OutdatedRow> {
  const catalogue = await loadModels(context.home);
  const images = (await context.read.images.list()).filter(({ family }) => family === 'phone');
  for await (const device of selected(context, input.selector)) {
    const row = rowOf(device);
    const model = modelOf(catalogue, device);
    if (model === undefined || row.firmware === null) continue;
    const newest = newestFor(images, model, row.firmware);
    if (newest !== undefined) yield { ...row, newest: newest.release, image: newest.name };
  }
}

/** The newest image that fits and is newer than what runs. */
function newestFor(images: readonly ImageRecord[], model: Model, running: string): ImageRecord | undefined {
  let best: ImageRecord | undefined;
  for (const image of images) {
    if (misfit(image, model) !== undefined || isNewer(image.release, best?.release ?? running, image.vendor) !== true)
      continue;
    best = image;
  }
  return best;
}

/** Every advisory that is about a phone's model, with what it says of the version that the phone runs. */
export async function* auditFirmware(
  context: OperationContext,
  input: SelectorInput & { readonly all?: boolean | undefined },
): AsyncGenerator<AuditRow> {
  const [catalogue, table] = await Promise.all([loadModels(context.home), loadAdvisories(context.home)]);
  for await (const device of selected(context, input.selector)) {
    const model = modelOf(catalogue, device);
    if (model === undefined) continue;
    const row = rowOf(device);
    for (const { advisory, verdict, fixed } of findingsFor(table, model, row.firmware)) {
      if (input.all !== true && (verdict === 'fixed' || verdict === 'not-affected')) continue;
      const { id, severity, title } = advisory;
      yield { ...row, advisory: id, severity, title, verdict, fixed };
    }
  }
}

/** FW-19: every running version with its count, most phones first. */
export async function* runningFirmware(context: OperationContext, input: SelectorInput): AsyncGenerator<RunningRow> {
  const counts = new Map<string, { -readonly [K in keyof RunningRow]: RunningRow[K] }>();
  for await (const device of selected(context, input.selector)) {
    const { model, firmware } = rowOf(device);
    const vendor = device.vendor ?? device.facts.vendor;
    const key = JSON.stringify([vendor, model, firmware]);
    const row = counts.get(key) ?? { vendor, model, firmware, devices: 0 };
    row.devices += 1;
    counts.set(key, row);
  }
  yield* [...counts.values()].sort((a, b) => b.devices - a.devices);
}

async function* selected(context: OperationContext, selector: DeviceSelector): AsyncGenerator<DeviceRecord> {
  for await (const device of resolveDevices(context, isEmptySelector(selector) ? { all: true } : selector)) {
    context.signal.throwIfAborted();
    yield device;
  }
}

function modelOf(catalogue: ModelCatalogue, { model, facts }: DeviceRecord): Model | undefined {
  const name = model ?? facts.model;
  return name === null ? undefined : catalogue.find(name);
}

function rowOf(device: DeviceRecord): Row {
  return {
    device: deviceLabel(device, device.id),
    name: device.name,
    site: device.site,
    model: device.model ?? device.facts.model,
    firmware: device.facts.firmware,
  };
}
