/**
 * What phones were given of manual assignments (B-08). It is what somebody did, not what somebody wants from now on: an
 * entry counts only where the fleet has none for the phone, or an older one, and nothing of it is ever pruned.
 */
import { array, picklist, strictObject, string } from 'valibot';
import { deviceKey } from '../../../domain/device.ts';
import { nameKey } from '../../../domain/text.ts';
import type { Vendor } from '../../../vendors/driver.ts';
import type { OperationContext } from '../../context.ts';
import type { PushedRecord } from '../../ports/profiles.ts';
import { closed, open, store } from '../../profiles/parameters.ts';
import { resolveTarget } from '../../profiles/targets.ts';
import { rulesFor } from '../../profiles/validate.ts';
import { Workspace } from '../../profiles/workspace.ts';
import { type Folder, type FolderPart, PUSHED, readText } from '../folder.ts';
import { parametersField, readParameters, writtenParameters } from '../parameters.ts';
import type { FolderProblem, Problems } from '../problems.ts';
import { pushedSecret, type SecretFinder } from '../secrets.ts';
import { targetNames } from '../targets.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { NOTHING, Tally, type ToldChanges } from './topic.ts';

const LAYERS = ['global', 'group', 'model', 'site', 'device'] as const;

const pushedFile = array(
  strictObject({
    profile: string(),
    layer: picklist(LAYERS),
    target: string(),
    /** ISO 8601. */
    at: string(),
    devices: array(string()),
    parameters: parametersField,
  }),
);

/** One push of one profile as it was then, to the phones that still have it. */
interface Push {
  readonly record: PushedRecord;
  readonly profile: string;
  readonly layer: (typeof LAYERS)[number];
  readonly target: string;
  readonly devices: string[];
}

export async function* pushedFileOf(
  context: OperationContext,
  reveal: boolean,
  sealed: Record<string, string>,
): AsyncGenerator<FolderPart> {
  const said: unknown[] = [];
  for (const { record, profile, layer, target, devices } of await pushesOf(context)) {
    const { uid, parameters, at } = record;
    if (reveal) {
      for (const { name, value, secret } of open(`push:${uid}`, parameters, context.secrets)) {
        if (secret) sealed[pushedSecret({ profile, layer, target }, devices[0] ?? '', name)] = value;
      }
    }
    const time = new Date(at).toISOString();
    said.push({ profile, layer, target, at: time, devices, parameters: writtenParameters(parameters) });
  }
  yield { file: PUSHED, text: await writeYaml(said) };
}

async function pushesOf(context: OperationContext): Promise<readonly Push[]> {
  const { profiles: repository } = context.read;
  const workspace = await Workspace.load(repository);
  const nameOf = await targetNames(context);
  const keys = new Map([...repository.positions('all')].map((record) => [record.id, deviceKey(record)]));
  const pushes = new Map<string, Push>();
  for (const record of await repository.pushes()) {
    const assignment = workspace.assignments.get(record.assignmentId);
    const profile = assignment && workspace.profiles.get(assignment.profileId)?.name;
    const device = keys.get(record.deviceId);
    if (assignment?.apply !== 'manual' || profile === undefined || device === undefined) continue;
    // The same content at the same time is one push; sealed texts differ each time, their prints do not.
    const key = JSON.stringify([record.assignmentId, record.at, closed(record.parameters)]);
    const push = pushes.get(key);
    if (push !== undefined) push.devices.push(device);
    else {
      const { layer, name: target } = nameOf(assignment.target);
      pushes.set(key, { record, profile, layer, target, devices: [device] });
    }
  }
  for (const { devices } of pushes.values()) devices.sort();
  const order = ({ profile, layer, target, record, devices }: Push): string =>
    [nameKey(profile), layer, nameKey(target), String(record.at).padStart(16, '0'), devices[0]].join('\0');
  return [...pushes.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export interface PushedApplied extends ToldChanges {
  /** Ids of the devices that were given something. */
  readonly touched: readonly number[];
}

export async function applyPushed(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  { secrets, alone }: { readonly secrets: SecretFinder; readonly alone: boolean },
): Promise<PushedApplied> {
  const nothing = { ...NOTHING, strangers: [], touched: [] };
  if (!folder.names.includes(PUSHED)) return nothing;
  const yaml = await problems.within(
    PUSHED,
    async () => await readYaml(PUSHED, await readText(folder, PUSHED), pushedFile, problems),
  );
  if (yaml === undefined || yaml.value.length === 0) return nothing;
  const tally = new Tally();
  const touched: number[] = [];
  const workspace = await Workspace.load(context.read.profiles);
  const ids = new Map([...context.read.profiles.positions('all')].map((record) => [deviceKey(record), record.id]));
  const known = new Map(
    (await context.read.profiles.pushes()).map(({ assignmentId, deviceId, at }) => [`${assignmentId} ${deviceId}`, at]),
  );
  for (const [index, said] of yaml.value.entries()) {
    const place = (...keys: readonly (string | number)[]): Pick<FolderProblem, 'file' | 'line' | 'column'> =>
      yaml.place(index, ...keys);
    const at = Date.parse(said.at);
    if (Number.isNaN(at)) {
      problems.add({ ...place('at'), reason: `${said.at} is no time.`, remedy: 'Write 2026-11-22T08:00:00Z.' });
      continue;
    }
    const profile = workspace.byName(said.profile);
    const target = await problems.at(place('target'), async () =>
      resolveTarget(context, said.layer === 'global' ? { global: true } : { [said.layer]: said.target }),
    );
    if (target === undefined) continue;
    const assignment = workspace
      .at(target)
      .find(({ profileId, apply }) => profileId === profile?.id && apply === 'manual');
    if (profile === undefined || assignment === undefined) {
      const reason = `"${said.profile}" is not assigned by hand there, so it cannot have been pushed.`;
      if (!alone) problems.add({ ...place('profile'), reason, remedy: 'Delete the entry, or assign the profile.' });
      continue;
    }
    const late: { id: number; key: string }[] = [];
    for (const [number, key] of said.devices.entries()) {
      const id = ids.get(key);
      if (id === undefined) {
        problems.add({ ...place('devices', number), reason: `There is no device ${key}.`, remedy: 'Delete the line.' });
        continue;
      }
      if ((known.get(`${assignment.id} ${id}`) ?? -1) < at) late.push({ id, key });
      else tally.count(key, 'unchanged');
    }
    if (late.length === 0) continue;
    const first = said.devices[0] ?? '';
    const { parameters } = readParameters(
      { value: said, place },
      {
        rules: await rulesFor(context, profile.vendor as Vendor, profile.imageId),
        secretOf: (parameter) => pushedSecret(said, first, parameter),
        isStored: () => false,
        secrets,
        problems,
      },
    );
    const pushes = late.map(({ id }) => {
      const uid = crypto.randomUUID();
      const sealed = store(`push:${uid}`, parameters, context.secrets);
      return { assignmentId: assignment.id, deviceId: id, uid, parameters: sealed };
    });
    await context.write(async ({ profiles }) => {
      await profiles.putPushes(pushes, at);
      const details = { pushed: pushes.length };
      return [undefined, { object: `profile:${profile.name}`, result: 'done', details }];
    });
    for (const { id, key } of late) {
      tally.count(`${profile.name}: ${key}`, known.has(`${assignment.id} ${id}`) ? 'changed' : 'created');
      touched.push(id);
    }
  }
  return { ...tally.result(false), strangers: [], touched };
}
