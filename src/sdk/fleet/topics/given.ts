/**
 * What tasks gave to single phones: firmware, resources (`firmware push`, `resource push`). As with manual assignments, an
 * entry counts only where the fleet has none for the phone, or an older one, and nothing of it is ever pruned.
 */
import { array, record, strictObject, string } from 'valibot';
import { deviceKey } from '../../../domain/device.ts';
import { nameKey } from '../../../domain/text.ts';
import type { OperationContext } from '../../context.ts';
import { FIRMWARE_SLOT, type GivenFile } from '../../ports/given-files.ts';
import { IMAGE } from '../../profiles/references.ts';
import { type Folder, type FolderPart, GIVEN, readText } from '../folder.ts';
import type { Problems } from '../problems.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { NOTHING, Tally, type ToldChanges } from './topic.ts';

const givenFile = array(
  strictObject({
    slot: string(),
    /** Name of the image or the resource. */
    file: string(),
    /** ISO 8601. */
    at: string(),
    devices: array(string()),
    parameters: record(string(), string()),
  }),
);

/** A number for tasks and runs that were in another fleet. */
const ELSEWHERE = 0;

export async function* givenFileOf(context: OperationContext): AsyncGenerator<FolderPart> {
  const { names } = await filesOf(context);
  const keys = keysOf(context);
  const entries = new Map<string, { slot: string; file: string; at: string; devices: string[]; parameters: object }>();
  for (const given of await context.read.givenFiles.of([...keys.keys()])) {
    const { slot, fileId, deviceId } = given;
    const file = names(slot, fileId);
    if (file === undefined) continue;
    const parameters = Object.fromEntries(
      given.parameters.map(([name, value]) => [name, value === `${IMAGE}${fileId}` ? IMAGE : value]),
    );
    const entry = { slot, file, at: new Date(given.at).toISOString(), parameters };
    const key = JSON.stringify(entry);
    const known = entries.get(key) ?? { ...entry, devices: [] };
    known.devices.push(keys.get(deviceId) ?? '');
    entries.set(key, known);
  }
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  for (const { devices } of sorted) devices.sort();
  yield { file: GIVEN, text: await writeYaml(sorted) };
}

function keysOf({ read }: Pick<OperationContext, 'read'>): ReadonlyMap<number, string> {
  return new Map([...read.profiles.positions('all')].map((device) => [device.id, deviceKey(device)]));
}

async function filesOf({ read }: Pick<OperationContext, 'read'>): Promise<{
  readonly names: (slot: string, id: number) => string | undefined;
  readonly ids: (slot: string, name: string) => number | undefined;
}> {
  const [images, resources] = [await read.images.list(), await read.resources.list()];
  const of = (slot: string): readonly { readonly id: number; readonly name: string }[] =>
    slot === FIRMWARE_SLOT ? images : resources;
  return {
    names: (slot, id) => of(slot).find((file) => file.id === id)?.name,
    ids: (slot, name) => of(slot).find((file) => nameKey(file.name) === nameKey(name))?.id,
  };
}

export interface GivenApplied extends ToldChanges {
  /** Ids of the devices that were given something. */
  readonly touched: readonly number[];
}

/** With `alone` files are taken to be where the folder is applied to. */
export async function applyGiven(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  { alone }: { readonly alone: boolean },
): Promise<GivenApplied> {
  const nothing = { ...NOTHING, strangers: [], touched: [] };
  if (!folder.names.includes(GIVEN)) return nothing;
  const yaml = await problems.within(
    GIVEN,
    async () => await readYaml(GIVEN, await readText(folder, GIVEN), givenFile, problems),
  );
  if (yaml === undefined || yaml.value.length === 0) return nothing;
  const tally = new Tally();
  const { ids } = await filesOf(context);
  const devices = new Map([...keysOf(context)].map(([id, key]) => [key, id]));
  const held = await context.read.givenFiles.of([...devices.values()]);
  const before = new Map(held.map(({ deviceId, slot, at }) => [`${deviceId} ${slot}`, at]));
  const wanted: GivenFile[] = [];
  for (const [index, { slot, file, at: time, devices: keys, parameters }] of yaml.value.entries()) {
    const at = Date.parse(time);
    const fileId = ids(slot, file);
    const reject = (key: string, reason: string): void =>
      problems.add({ ...yaml.place(index, key), reason, remedy: 'Correct or delete the entry.' });
    if (Number.isNaN(at)) reject('at', `${time} is no time.`);
    else if (fileId === undefined && !alone) reject('file', `There is no ${slot} "${file}".`);
    if (Number.isNaN(at) || fileId === undefined) continue;
    for (const key of keys) {
      const deviceId = devices.get(key);
      if (deviceId === undefined) {
        reject('devices', `There is no device ${key}.`);
        continue;
      }
      const known = before.get(`${deviceId} ${slot}`);
      if (known !== undefined && known >= at) {
        tally.count(key, 'unchanged');
        continue;
      }
      tally.count(`${file}: ${key}`, known === undefined ? 'created' : 'changed');
      const told = Object.entries(parameters).map(
        ([name, value]) => [name, value === IMAGE ? `${IMAGE}${fileId}` : value] as const,
      );
      wanted.push({ deviceId, slot, fileId, parameters: told, taskId: ELSEWHERE, runId: ELSEWHERE, at });
    }
  }
  if (wanted.length > 0) {
    await context.write(async ({ givenFiles }) => {
      for (const given of wanted) await givenFiles.give(given);
      return [undefined, { object: `devices (${wanted.length})`, result: 'done', details: { given: wanted.length } }];
    });
  }
  return { ...tally.result(false), strangers: [], touched: wanted.map(({ deviceId }) => deviceId) };
}
