/** What people put there for one device (DFILE-02): `device-files/KEY/DIRECTORY/NAME`. */
import { deviceKey } from '../../../domain/device.ts';
import type { OperationContext } from '../../context.ts';
import { deleteDeviceFiles, putDeviceFile } from '../../device-files/device-files.ts';
import { readStored } from '../../files/store.ts';
import { FILE_DIRECTORIES, type FileDirectory } from '../../ports/files.ts';
import { type Folder, type FolderPart, isIn, partsOf } from '../folder.ts';
import type { Problems } from '../problems.ts';
import { sha256Of } from './bytes.ts';
import { Tally, type ToldChanges } from './topic.ts';

interface Held {
  readonly device: string;
  readonly directory: FileDirectory;
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
}

/** By path in the folder. */
async function held({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<string, Held>> {
  const files = await read.deviceFiles.all();
  if (files.length === 0) return new Map();
  const keys = new Map<number, string>();
  for (const { id, mac, serial } of read.profiles.positions('all')) keys.set(id, deviceKey({ mac, serial }));
  const paths = files.flatMap(({ deviceId, directory, name, sha256, size }): [string, Held][] => {
    const device = keys.get(deviceId);
    if (device === undefined) return [];
    return [[`device-files/${device}/${directory}/${name}`, { device, directory, name, sha256, size }]];
  });
  return new Map(paths.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function* deviceFilesOf(
  context: Pick<OperationContext, 'read'>,
  home: OperationContext['home'],
): AsyncGenerator<FolderPart> {
  for (const [path, file] of await held(context)) yield* partsOf(path, readStored(home, file));
}

export async function applyDeviceFiles(
  context: OperationContext,
  folder: Folder,
  problems: Problems,
  prune: boolean,
): Promise<ToldChanges> {
  const tally = new Tally();
  const before = await held(context);
  const wanted = folder.names.filter((name) => isIn('device-files', name));
  for (const path of wanted) {
    const [, device = '', directory = '', file = ''] = path.split('/');
    const label = `${device}: ${file}`;
    await problems.at({ file: path, line: 1, column: '' }, async () => {
      const known = FILE_DIRECTORIES.find((one) => one === directory);
      if (known === undefined) {
        const reason = `${directory} is none of ${FILE_DIRECTORIES.join(', ')} (DFILE-05).`;
        problems.add({ file: path, line: 1, column: '', reason, remedy: 'Move the file.' });
        return;
      }
      const there = before.get(path);
      if (there !== undefined && (await sha256Of(folder.open(path))) === there.sha256) {
        tally.count(label, 'unchanged');
        return;
      }
      await putDeviceFile(context, { device, file, directory: known, source: folder.open(path) });
      tally.count(label, there === undefined ? 'created' : 'changed');
    });
  }
  // Compared without the directory: a file that was moved is no stranger.
  const names = new Set(wanted.map((path) => nameOf(path)));
  const strangers = [...before].filter(([path]) => !names.has(nameOf(path))).map(([, file]) => file);
  for (const { device, name } of strangers) tally.stranger(`${device}: ${name}`);
  if (prune) for (const { device, name } of strangers) await deleteDeviceFiles(context, { device, files: [name] });
  return tally.result(prune);
}

function nameOf(path: string): string {
  const [, device, , file] = path.split('/');
  return `${device}/${file?.toLowerCase()}`;
}
