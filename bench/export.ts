/** How long an export takes, as a multiple of csv-stringify alone on the same cells, in turns in this process. */
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify';
import { importFile, inFolder, newFleet, writeDeviceFile } from './device-file.ts';
import { interleaved, type Measurement } from './harness.ts';

const ROWS = Number(process.env['PHONECTL_BENCH_ROWS'] ?? 100_000);

export async function run(): Promise<Measurement[]> {
  return await inFolder(async (folder) => {
    const file = join(folder, 'devices.csv');
    await writeDeviceFile(file, ROWS);
    await using fleet = await newFleet(join(folder, 'home'));
    await importFile(fleet, file, { outcome: 'created', rows: ROWS });
    let text = '';
    for await (const chunk of fleet.devices.export({})) text += String(chunk);
    const cells = parse(text) as string[][];
    const times = await interleaved(
      {
        stringify: async () => {
          const out = stringify();
          const work = (async () => {
            let size = 0;
            for await (const chunk of out) size += (chunk as Buffer).length;
            return size;
          })();
          for (const row of cells) if (!out.write(row)) await new Promise((resolve) => out.once('drain', resolve));
          out.end();
          await work;
          return undefined;
        },
        export: async () => {
          let size = 0;
          for await (const chunk of fleet.devices.export({})) size += String(chunk).length;
          if (size !== text.length) throw new Error(`${size} characters, not ${text.length}`);
          return undefined;
        },
      },
      5,
    );
    return [
      {
        name: `export of ${ROWS} devices`,
        ratio: times.export / times.stringify,
        reference: 'csv-stringify',
        goal: 3,
        note: `${times.export.toFixed(0)} ms / ${times.stringify.toFixed(0)} ms`,
      },
    ];
  });
}
