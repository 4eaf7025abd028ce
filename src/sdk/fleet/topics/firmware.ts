/**
 * Firmware images of a fleet folder: references by name, release and SHA-256. Their bytes, hundreds of megabytes, travel
 * only where somebody asks for it; else they are added to the other fleet by themselves. An image is never pruned.
 */
import { array, nullish, picklist, strictObject, string } from 'valibot';
import { VENDORS } from '../../../vendors/registry.ts';
import type { OperationContext } from '../../context.ts';
import { readStored } from '../../files/store.ts';
import { addFirmware, editFirmware, setLicense } from '../../firmware/firmware.ts';
import { IMAGE_FAMILIES, type ImageRecord } from '../../ports/files.ts';
import { FIRMWARE, type Folder, type FolderPart, partsOf, readText } from '../folder.ts';
import type { Problems } from '../problems.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { sha256Of } from './bytes.ts';
import { NOTHING, sameJson, Tally, type ToldChanges } from './topic.ts';

const imageFile = array(
  strictObject({
    name: string(),
    vendor: picklist(VENDORS),
    family: nullish(picklist(IMAGE_FAMILIES), 'phone'),
    release: string(),
    file: string(),
    sha256: string(),
    description: nullish(string(), ''),
    models: nullish(array(string()), []),
    licence: nullish(strictObject({ file: string(), sha256: string() })),
  }),
);

export async function* firmwareFiles(
  { read }: Pick<OperationContext, 'read'>,
  home: OperationContext['home'],
  bytes: boolean,
): AsyncGenerator<FolderPart> {
  const images = await read.images.list();
  const said = images.map(({ name, vendor, family, release, fileName, sha256, description, models, license }) => ({
    name,
    vendor,
    ...(family !== 'phone' && { family }),
    release,
    file: fileName,
    sha256,
    ...(description !== '' && { description }),
    ...(models.length > 0 && { models }),
    ...(license !== null && { licence: { file: license.name, sha256: license.sha256 } }),
  }));
  yield { file: FIRMWARE, text: await writeYaml(said) };
  if (!bytes) return;
  const sent = new Set<string>();
  for (const image of images) {
    for (const { name, ...stored } of [{ ...image, name: image.fileName }, ...(image.license ? [image.license] : [])]) {
      const file = fileOf(stored.sha256, name);
      if (!sent.has(file)) yield* partsOf(file, readStored(home, stored));
      sent.add(file);
    }
  }
}

/** Images of several releases have one name. */
function fileOf(sha256: string, name: string): string {
  return `firmware/${sha256.slice(0, 12)}/${name}`;
}

/** With `alone` images are taken to be where the folder is applied to. */
export async function applyFirmware(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  { alone }: { readonly alone: boolean },
): Promise<ToldChanges> {
  if (!folder.names.includes(FIRMWARE)) return { ...NOTHING, strangers: [] };
  const yaml = await problems.within(
    FIRMWARE,
    async () => await readYaml(FIRMWARE, await readText(folder, FIRMWARE), imageFile, problems),
  );
  if (yaml === undefined) return { ...NOTHING, strangers: [] };
  const tally = new Tally();
  const known = new Map((await context.read.images.list()).map((image) => [image.name, image]));
  for (const [index, said] of yaml.value.entries()) {
    const at = yaml.place(index);
    const before = known.get(said.name);
    known.delete(said.name);
    const file = fileOf(said.sha256, said.file);
    const given = folder.names.includes(file);
    if (given && (await sha256Of(folder.open(file))) !== said.sha256) {
      problems.add({ ...at, reason: `${file} has another SHA-256 than ${FIRMWARE} says.`, remedy: 'Export it again.' });
      continue;
    }
    if (before?.sha256 !== said.sha256 && !given) {
      if (alone) continue;
      const reason =
        before === undefined
          ? `The firmware "${said.name}" (${said.file}) is not here (FW-13).`
          : `The firmware "${said.name}" here is another file.`;
      const verb =
        before === undefined ? `add ${said.file} --name "${said.name}"` : `edit "${said.name}" --file ${said.file}`;
      const remedy = `Put it in: phonectl firmware ${verb}; or export the folder with --firmware.`;
      problems.add({ ...at, reason, remedy });
      continue;
    }
    await problems.at(at, async () => {
      const outcome =
        before === undefined ? await add(context, folder, said) : await edit(context, folder, said, before);
      const licensed = await giveLicence(context, folder, said, before, problems, at);
      tally.count(said.name, outcome === 'unchanged' && licensed ? 'changed' : outcome);
    });
  }
  return { ...tally.result(false), strangers: [] };
}

type Said = {
  readonly [Field in 'name' | 'release' | 'file' | 'sha256']: string;
} & {
  readonly vendor: 'poly' | 'yealink' | 'cisco';
  readonly family?: ImageRecord['family'] | null;
  readonly description?: string | null;
  readonly models?: readonly string[] | null;
  readonly licence?: { readonly file: string; readonly sha256: string } | null | undefined;
};

async function add(context: OperationContext, folder: Folder, said: Said): Promise<'created'> {
  const { name, vendor, release: version, file, sha256 } = said;
  const fields = { description: said.description ?? '', models: said.models ?? [], family: said.family ?? 'phone' };
  await addFirmware(context, {
    name,
    vendor,
    version,
    file,
    sha256,
    ...fields,
    source: folder.open(fileOf(sha256, file)),
  });
  return 'created';
}

async function edit(
  context: OperationContext,
  folder: Folder,
  said: Said,
  { id, release, description, models, sha256 }: ImageRecord,
): Promise<'changed' | 'unchanged'> {
  const wanted = { version: said.release, description: said.description ?? '', models: said.models ?? [] };
  const other = said.sha256 !== sha256;
  if (!other && sameJson({ version: release, description, models }, wanted)) return 'unchanged';
  const source = other ? { source: folder.open(fileOf(said.sha256, said.file)) } : {};
  await editFirmware(context, { firmware: String(id), ...wanted, ...source });
  return 'changed';
}

/** LIC-07. True when the image has another licence file now. */
async function giveLicence(
  context: OperationContext,
  folder: Folder,
  { name, licence }: Said,
  before: ImageRecord | undefined,
  problems: Problems,
  at: Parameters<Problems['at']>[0],
): Promise<boolean> {
  if (!licence || before?.license?.sha256 === licence.sha256) return false;
  const file = fileOf(licence.sha256, licence.file);
  if (!folder.names.includes(file)) {
    const remedy = `Give it: phonectl firmware license add "${name}" ${licence.file}`;
    problems.add({ ...at, reason: `The licence file ${licence.file} of "${name}" is not here (LIC-07).`, remedy });
    return false;
  }
  await setLicense(context, { firmware: name, source: folder.open(file), file: licence.file });
  return true;
}
