/** Resources (RES-01..11) of a fleet folder: what is said of them in one file, their bytes beside it. */
import { array, nullish, strictObject, string } from 'valibot';
import type { OperationContext } from '../../context.ts';
import { readStored } from '../../files/store.ts';
import type { ResourceRecord } from '../../ports/files.ts';
import { addResource, deleteResources, editResource } from '../../resources/resources.ts';
import { type Folder, type FolderPart, partsOf, RESOURCES, readText } from '../folder.ts';
import type { Problems } from '../problems.ts';
import { readYaml, writeYaml } from '../yaml.ts';
import { sha256Of } from './bytes.ts';
import { NOTHING, sameJson, Tally, type ToldChanges } from './topic.ts';

const resourceFile = array(
  strictObject({
    name: string(),
    file: string(),
    description: nullish(string(), ''),
    models: nullish(array(string()), []),
  }),
);

/** `home` is where the bytes lie. */
export async function* resourceFiles(
  { read }: Pick<OperationContext, 'read'>,
  home: OperationContext['home'],
): AsyncGenerator<FolderPart> {
  const resources = await read.resources.list();
  const said = resources.map(({ name, servedAs, description, models }) => ({
    name,
    file: servedAs,
    ...(description !== '' && { description }),
    ...(models.length > 0 && { models }),
  }));
  yield { file: RESOURCES, text: await writeYaml(said) };
  for (const resource of resources) yield* partsOf(fileOf(resource), readStored(home, resource));
}

function fileOf({ servedAs }: Pick<ResourceRecord, 'servedAs'>): string {
  return `resources/${servedAs}`;
}

/** A folder without the list says nothing of resources. */
export async function applyResources(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  prune: boolean,
): Promise<ToldChanges> {
  if (!folder.names.includes(RESOURCES)) return { ...NOTHING, strangers: [] };
  const yaml = await problems.within(
    RESOURCES,
    async () => await readYaml(RESOURCES, await readText(folder, RESOURCES), resourceFile, problems),
  );
  if (yaml === undefined) return { ...NOTHING, strangers: [] };
  const tally = new Tally();
  const known = new Map((await context.read.resources.list()).map((record) => [record.name, record]));
  const strangers = new Set(known.keys());
  for (const [index, { name, file, description, models }] of yaml.value.entries()) {
    const at = yaml.place(index);
    const before = known.get(name);
    strangers.delete(name);
    const bytes = fileOf({ servedAs: file });
    const given = folder.names.includes(bytes);
    if (before === undefined && !given) {
      problems.add({ ...at, reason: `The folder has no ${bytes}.`, remedy: 'Put the file there.' });
      continue;
    }
    const fields = { name, file, description: description ?? '', models: models ?? [] };
    await problems.at(at, async () => {
      if (before === undefined) {
        await addResource(context, { ...fields, source: folder.open(bytes) });
        tally.count(name, 'created');
        return;
      }
      const changed = given && (await sha256Of(folder.open(bytes))) !== before.sha256;
      const same = { name, file: before.servedAs, description: before.description, models: before.models };
      if (changed || !sameJson(same, fields)) {
        await editResource(context, {
          resource: String(before.id),
          ...fields,
          ...(changed && { source: folder.open(bytes) }),
        });
      }
      tally.count(name, changed || !sameJson(same, fields) ? 'changed' : 'unchanged');
    });
  }
  for (const name of strangers) tally.stranger(name);
  if (prune && strangers.size > 0) {
    const ids = [...strangers].map((name) => String(known.get(name)?.id));
    await deleteResources(context, { resources: ids });
  }
  return tally.result(prune);
}
