/**
 * `fleet export`: the whole intent as files that people can review, in an order that is the same for the same fleet.
 * Secrets are left out; with `secrets` they come as the last part, to be sealed where the command runs.
 */
import { nameKey } from '../../domain/text.ts';
import { exportAccounts } from '../accounts/export.ts';
import type { OperationContext } from '../context.ts';
import { MASK } from '../csv/report.ts';
import { exportDevices } from '../devices/export.ts';
import { PhonectlError } from '../errors.ts';
import { exportGroups } from '../groups/import.ts';
import type { ProfileRecord } from '../ports/profiles.ts';
import { open } from '../profiles/parameters.ts';
import { Workspace } from '../profiles/workspace.ts';
import { exportSites } from '../sites/export.ts';
import { ASSIGNMENTS, type FolderLine, type FolderPart, HEAD, type TableName } from './folder.ts';
import { imageNames } from './images.ts';
import { writtenParameters } from './parameters.ts';
import { copyOf } from './rehearsal.ts';
import { HOME_SECRET, profileSecret } from './secrets.ts';
import { companyOf, FORMAT, SETTINGS } from './settings.ts';
import { rewritten } from './tables.ts';
import { targetNames } from './targets.ts';
import { deviceFilesOf } from './topics/device-files.ts';
import { firmwareFiles } from './topics/firmware.ts';
import { givenFileOf } from './topics/given.ts';
import { macFilesOf } from './topics/mac-files.ts';
import { approvalFileOf, modelFiles } from './topics/models.ts';
import { pushedFileOf } from './topics/pushed.ts';
import { resourceFiles } from './topics/resources.ts';
import { writeYaml } from './yaml.ts';

export interface FleetExportInput {
  /** Send the secrets too; needs the permissions to reveal them and is recorded. */
  readonly secrets?: boolean | undefined;
  /** Send the bytes of firmware images and licence files too. */
  readonly firmware?: boolean | undefined;
}

/** The files piece by piece, then, if asked for, the secrets. All of one moment: it is read from a copy. */
export async function* exportFleet(
  context: OperationContext,
  { secrets: reveal = false, firmware = false }: FleetExportInput,
): AsyncGenerator<FolderLine> {
  if (reveal) {
    for (const noun of ['account', 'device', 'profile', 'config']) context.require(`${noun}:reveal`);
    await context.write(async () => [undefined, { object: 'fleet', result: 'done', details: { revealed: 'secrets' } }]);
  }
  await using copy = await copyOf(context);
  const sealed: Record<string, string> = {};
  yield* headFile(copy.context);
  yield* modelFiles(context);
  yield* tableFile('sites.csv', exportSites(copy.context, {}), sealed);
  yield* tableFile('groups.csv', exportGroups(copy.context, {}), sealed);
  yield* approvalFileOf(copy.context);
  yield* tableFile('accounts.csv', exportAccounts(copy.context, { reveal }), sealed);
  yield* tableFile('devices.csv', exportDevices(copy.context, { reveal, order: 'identity' }), sealed);
  yield* resourceFiles(copy.context, context.home);
  yield* firmwareFiles(copy.context, context.home, firmware);
  yield* stackFiles(copy.context, reveal, sealed);
  yield* pushedFileOf(copy.context, reveal, sealed);
  yield* givenFileOf(copy.context);
  yield* macFilesOf(copy.context, reveal, sealed);
  yield* deviceFilesOf(copy.context, context.home);
  if (reveal) yield { secrets: { sealed, resolved: {} } };
}

async function* headFile({ read }: OperationContext): AsyncGenerator<FolderPart> {
  const settings: Record<string, unknown> = {};
  for (const name of SETTINGS) {
    const value = await read.settings.get(name);
    if (value !== undefined) settings[name] = value;
  }
  yield { file: HEAD, text: await writeYaml({ phonectl: FORMAT, company: await companyOf(read), settings }) };
}

/** An export with references in its secret cells; what stood there goes into `sealed`. */
async function* tableFile(
  file: TableName,
  chunks: AsyncIterable<string>,
  sealed: Record<string, string>,
): AsyncGenerator<FolderPart> {
  const whole = { names: [file], open: () => bytes(chunks) };
  const rows = rewritten(
    whole,
    file,
    (text, _row, _column, place) => {
      if (text === '') return '';
      if (text !== MASK) sealed[place] = text;
      return HOME_SECRET;
    },
    ({ line }) => {
      throw new PhonectlError('unexpected', `Line ${line} of the export of ${file} cannot be read.`);
    },
  );
  for await (const chunk of rows) yield { file, text: Buffer.from(chunk).toString('utf8') };
}

async function* bytes(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* stackFiles(
  context: OperationContext,
  reveal: boolean,
  sealed: Record<string, string>,
): AsyncGenerator<FolderPart> {
  const workspace = await Workspace.load(context.read.profiles);
  const images = await imageNames(context);
  const files = new Set<string>();
  const own = [...workspace.profiles.values()].filter(({ type }) => type === 'user' || type === 'imported');
  for (const profile of own.toSorted((a, b) => compare(nameKey(a.name), nameKey(b.name)))) {
    if (reveal) {
      for (const { name, value, secret } of open(`profile:${profile.uid}`, profile.parameters, context.secrets)) {
        if (secret) sealed[profileSecret(profile.name, name)] = value;
      }
    }
    yield { file: fileName(profile.name, files), text: await writeYaml(profileContent(profile, images)) };
  }
  yield { file: ASSIGNMENTS, text: await writeYaml(await assignmentContent(context, workspace)) };
}

function profileContent(
  profile: ProfileRecord,
  images: ReadonlyMap<number, string>,
): Readonly<Record<string, unknown>> {
  const { name, vendor, type, description, models, imageId, parameters } = profile;
  return {
    name,
    vendor,
    ...(type !== 'user' && { type }),
    ...(description !== '' && { description }),
    ...(models.length > 0 && { models }),
    ...(imageId !== null && { firmware: images.get(imageId) ?? `image ${imageId}` }),
    parameters: writtenParameters(parameters),
  };
}

/** A name for the file; the profile's own name stands in it. */
function fileName(name: string, taken: Set<string>): string {
  // Some file systems hold 255 bytes, some know no case, some mind these characters.
  const plain = name.normalize('NFC').replace(/[/\\:*?"<>|\0]/g, '_');
  let base = plain;
  while (Buffer.byteLength(base) > 120) base = base.slice(0, -1);
  let file = base;
  for (let number = 2; taken.has(nameKey(file)); number += 1) file = `${base}-${number}`;
  taken.add(nameKey(file));
  return `profiles/${file}.yaml`;
}

type Section = Record<string, unknown[]>;

async function assignmentContent(
  context: OperationContext,
  workspace: Workspace,
): Promise<Readonly<Record<string, unknown>>> {
  const nameOf = await targetNames(context);
  const sections: Record<string, Section> = {};
  for (const { target, profileId, apply } of [...workspace.assignments.values()].toSorted(
    (a, b) => a.priority - b.priority || a.id - b.id,
  )) {
    const { layer, name } = nameOf(target);
    const section = layer === 'global' ? layer : `${layer}s`;
    const profile = workspace.profiles.get(profileId)?.name ?? String(profileId);
    sections[section] ??= {};
    sections[section][name] ??= [];
    sections[section][name].push(apply === 'auto' ? profile : { profile, apply });
  }
  const sorted = (section: Section): Section =>
    Object.fromEntries(Object.entries(section).toSorted(([a], [b]) => compare(nameKey(a), nameKey(b))));
  const { global, ...others } = sections;
  return {
    ...(global && { global: global[''] }),
    ...Object.fromEntries(
      ['groups', 'models', 'sites', 'devices'].flatMap((name) => (others[name] ? [[name, sorted(others[name])]] : [])),
    ),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
