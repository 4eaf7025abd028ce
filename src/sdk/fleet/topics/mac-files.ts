/** The MAC files that hold (CFG-15..18), one file per device; their history stays where it was made. */
import { nullish, strictObject, string } from 'valibot';
import { deviceKey } from '../../../domain/device.ts';
import type { Parameter } from '../../../domain/effective.ts';
import type { Vendor } from '../../../vendors/driver.ts';
import type { OperationContext } from '../../context.ts';
import type { MacFileVersion } from '../../ports/mac-files.ts';
import type { PositionRecord } from '../../ports/profiles.ts';
import { open, store } from '../../profiles/parameters.ts';
import { rulesFor } from '../../profiles/validate.ts';
import { type Folder, type FolderPart, isIn, readText } from '../folder.ts';
import { parametersField, readParameters, withStored, writtenParameters } from '../parameters.ts';
import type { FolderProblem, Problems } from '../problems.ts';
import { macFileSecret, type SecretFinder } from '../secrets.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { sameJson, Tally, type ToldChanges } from './topic.ts';

const macFile = strictObject({ device: string(), source: nullish(string(), ''), parameters: parametersField });

export async function* macFilesOf(
  context: OperationContext,
  reveal: boolean,
  sealed: Record<string, string>,
): AsyncGenerator<FolderPart> {
  const devices = await byKey(context);
  const versions = await versionsOf(context, devices);
  for (const [key, { id }] of [...devices].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const version = versions.get(id);
    if (version === undefined) continue;
    const { uid, source, parameters } = version;
    if (reveal) {
      for (const { name, value, secret } of open(`mac-file:${uid}`, parameters, context.secrets)) {
        if (secret) sealed[macFileSecret(key, name)] = value;
      }
    }
    const text = await writeYaml({ device: key, source, parameters: writtenParameters(parameters) });
    yield { file: `mac-files/${key}.yaml`, text };
  }
}

async function byKey({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<string, PositionRecord>> {
  return new Map([...read.profiles.positions('all')].map((record) => [deviceKey(record), record]));
}

async function versionsOf(
  { read }: Pick<OperationContext, 'read'>,
  devices: ReadonlyMap<string, PositionRecord>,
): Promise<ReadonlyMap<number, MacFileVersion>> {
  const active = await read.macFiles.active([...devices.values()].map(({ id }) => id));
  return new Map(active.map((version) => [version.deviceId, version]));
}

export interface MacFilesApplied extends ToldChanges {
  /** Ids of the devices whose MAC file is another one now. */
  readonly touched: readonly number[];
}

export async function applyMacFiles(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  { secrets, prune }: { readonly secrets: SecretFinder; readonly prune: boolean },
): Promise<MacFilesApplied> {
  const tally = new Tally();
  const devices = await byKey(context);
  const before = await versionsOf(context, devices);
  const seen = new Set<number>();
  const wanted: Wanted[] = [];
  for (const file of folder.names.filter((name) => isIn('mac-files', name))) {
    const one = await problems.within(
      file,
      async () => await readOne(context, folder, file, { devices, before, secrets, problems }),
    );
    if (one === undefined) continue;
    seen.add(one.deviceId);
    const old = before.get(one.deviceId);
    if (old !== undefined && isSame(context, one, old)) tally.count(one.key, 'unchanged');
    else {
      tally.count(one.key, old === undefined ? 'created' : 'changed');
      wanted.push(one);
    }
  }
  const strangers = [...devices].filter(([, { id }]) => before.has(id) && !seen.has(id));
  for (const [key] of strangers) tally.stranger(key);
  const gone = prune ? strangers.map(([, { id }]) => id) : [];
  if (wanted.length + gone.length > 0) await write(context, wanted, gone);
  return { ...tally.result(prune), touched: [...wanted.map(({ deviceId }) => deviceId), ...gone] };
}

interface Wanted {
  readonly key: string;
  readonly deviceId: number;
  readonly source: string;
  readonly parameters: readonly Parameter[];
}

async function readOne(
  context: OperationContext,
  folder: Folder,
  file: string,
  known: {
    readonly devices: ReadonlyMap<string, PositionRecord>;
    readonly before: ReadonlyMap<number, MacFileVersion>;
    readonly secrets: SecretFinder;
    readonly problems: Problems;
  },
): Promise<Wanted | undefined> {
  const { problems, secrets } = known;
  const yaml = await readYaml(file, await readText(folder, file), macFile, problems);
  if (yaml === undefined) return undefined;
  const key = yaml.value.device.toLowerCase();
  const device = known.devices.get(key) ?? known.devices.get(yaml.value.device);
  const wrong = wrongDevice(yaml.value.device, device);
  if (device === undefined || wrong !== undefined) {
    problems.add({
      ...yaml.place('device'),
      reason: wrong ?? '',
      remedy: 'It should be in devices.csv, with its vendor.',
    });
    return undefined;
  }
  const version = known.before.get(device.id);
  const stored = version?.parameters ?? [];
  const read = readParameters(yaml, {
    rules: await rulesFor(context, device.vendor as Vendor),
    secretOf: (parameter) => macFileSecret(deviceKey(device), parameter),
    isStored: (parameter) => stored.some(([name, value]) => name === parameter && typeof value !== 'string'),
    secrets,
    problems,
  });
  const parameters = withStored(read, `mac-file:${version?.uid}`, stored, context.secrets);
  return { key: deviceKey(device), deviceId: device.id, source: yaml.value.source ?? '', parameters };
}

function wrongDevice(name: string, device: PositionRecord | undefined): FolderProblem['reason'] | undefined {
  if (device === undefined) return `There is no device ${name}.`;
  return device.vendor === null ? `The vendor of ${name} is not known.` : undefined;
}

function isSame({ secrets }: OperationContext, { source, parameters }: Wanted, old: MacFileVersion): boolean {
  return source === old.source && sameJson(parameters, open(`mac-file:${old.uid}`, old.parameters, secrets));
}

async function write(context: OperationContext, wanted: readonly Wanted[], gone: readonly number[]): Promise<void> {
  await context.write(async ({ macFiles }) => {
    for (const { deviceId, source, parameters } of wanted) {
      const uid = crypto.randomUUID();
      await macFiles.add({
        deviceId,
        uid,
        parameters: store(`mac-file:${uid}`, parameters, context.secrets),
        source,
        author: context.actor.name,
        createdAt: context.clock.now(),
      });
    }
    for (const id of gone) await macFiles.activate(id, null);
    const details = { written: wanted.length, withdrawn: gone.length };
    return [undefined, { object: 'MAC files', result: 'done', details }];
  });
}
