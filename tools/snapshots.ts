/** `npm run snapshots`: writes what the contract tests compare with. A diff of these files is a change of the contract. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commandSnapshot, operationSnapshot, RESULTS_FILE, ROOT, resultSnapshot } from './catalogue.ts';

const folder = join(ROOT, 'test/house/snapshots');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'commands.json'), `${JSON.stringify(await commandSnapshot(), undefined, 2)}\n`);
await writeFile(join(folder, 'operations.json'), `${JSON.stringify(await operationSnapshot(), undefined, 2)}\n`);
await mkdir(dirname(RESULTS_FILE), { recursive: true });
await writeFile(RESULTS_FILE, `${JSON.stringify(await resultSnapshot(), undefined, 2)}\n`);
