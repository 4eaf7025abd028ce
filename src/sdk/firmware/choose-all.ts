/** What each of many devices gets of a firmware task. */
import type { ModelCatalogue } from '../../domain/models.ts';
import { loadModels } from '../../vendors/models.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { Home } from '../ports/home.ts';
import type { Repositories } from '../ports/store.ts';
import { type Choice, choose, type FirmwareInput } from './choice.ts';
import { loadStock } from './stock.ts';

/** What a choice needs to know of a device. */
export type Reported = Pick<DeviceRecord, 'id' | 'model' | 'facts'>;

export interface ChosenDevice<Device extends Reported> {
  readonly device: Device;
  readonly choice: Choice;
}

export interface ChoiceContext {
  readonly read: Repositories;
  readonly home: Home;
}

/** Each device with what it gets. */
export async function chooseAll<Device extends Reported>(
  context: ChoiceContext,
  input: FirmwareInput,
  devices: readonly Device[],
): Promise<readonly ChosenDevice<Device>[]> {
  const [stock, catalogue] = await Promise.all([loadStock(context, input), loadModels(context.home)]);
  return devices.map((device) => ({
    device,
    choice: choose(stock, modelOf(catalogue, device), device.facts.firmware),
  }));
}

function modelOf(catalogue: ModelCatalogue, { model, facts }: Reported): ReturnType<ModelCatalogue['find']> {
  const name = model ?? facts.model;
  return name === null ? undefined : catalogue.find(name);
}

/** Those of the devices that a task has nothing to do for: they are no canaries, and fill no batch. */
export async function idleDevices(
  context: ChoiceContext,
  input: FirmwareInput,
  devices: readonly Reported[],
): Promise<ReadonlySet<number>> {
  const chosen = await chooseAll(context, input, devices);
  return new Set(chosen.flatMap(({ device, choice }) => (choice.kind === 'upgrade' ? [] : [device.id])));
}
