/**
 * How long an import takes, as a multiple of csv-parse alone on the same file, in turns in this process; and the memory
 * that an import in a process of its own takes. PHONECTL_BENCH_ROWS=1000000 shows that both are flat.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse';
import type * as Sdk from '../src/sdk/index.ts';
import { importFile, inFolder, newFleet, writeDeviceFile } from './device-file.ts';
import { interleaved, type Measurement } from './harness.ts';

const ROWS = Number(process.env['PHONECTL_BENCH_ROWS'] ?? 100_000);
const ROUNDS = ROWS > 200_000 ? 1 : 5;
/** MB, issue 2 section 7. */
const MEMORY = 300;

export async function run(): Promise<Measurement[]> {
  return await inFolder(async (folder) => {
    const file = join(folder, 'devices.csv');
    await writeDeviceFile(file, ROWS);
    let round = 0;
    const times = await interleaved(
      {
        parse: () => parseAlone(file, false),
        objects: () => parseAlone(file, true),
        import: async () => {
          round += 1;
          const fleet = await newFleet(join(folder, `home-${round}`));
          return await timed(fleet, () => importFile(fleet, file, { outcome: 'created', rows: ROWS }));
        },
        again: async () => {
          const { createPhonectl } = await import('../src/sdk/index.ts');
          const fleet = createPhonectl({ home: join(folder, `home-${round}`) });
          return await timed(fleet, () => importFile(fleet, file, { outcome: 'unchanged', rows: ROWS }));
        },
      },
      ROUNDS,
    );
    const note = (time: number): string => `${time.toFixed(0)} ms / ${times.parse.toFixed(0)} ms`;
    const memory = memoryOf(file, join(folder, 'home-memory'));
    return [
      {
        name: `import of ${ROWS} devices`,
        ratio: times.import / times.parse,
        reference: 'csv-parse',
        goal: 4,
        note: note(times.import),
      },
      { name: '  beside csv-parse to objects', ratio: times.import / times.objects, reference: 'csv-parse, columns' },
      {
        name: '  the same file again',
        ratio: times.again / times.parse,
        reference: 'csv-parse',
        note: note(times.again),
      },
      {
        name: '  peak memory',
        ratio: memory / MEMORY,
        reference: `${MEMORY} MB`,
        goal: 1,
        note: `${memory.toFixed(0)} MB`,
      },
    ];
  });
}

async function parseAlone(file: string, columns: boolean): Promise<number> {
  const start = performance.now();
  let rows = 0;
  for await (const _ of createReadStream(file).pipe(parse({ columns }))) rows += 1;
  if (rows !== ROWS + (columns ? 0 : 1)) throw new Error(`csv-parse saw ${rows} rows`);
  return performance.now() - start;
}

async function timed(fleet: AsyncDisposable, work: () => Promise<void>): Promise<number> {
  await using _ = fleet;
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** MB that a process of its own takes at most. */
function memoryOf(file: string, home: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, 'child', file, home], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout) / 1024;
}

if (process.argv[2] === 'child') {
  const [, , , file = '', home = ''] = process.argv;
  // The built SDK, as users have it: stripping types takes memory too.
  const built = join(import.meta.dirname, '../dist/sdk/index.js');
  const sdk = existsSync(built) ? ((await import(pathToFileURL(built).href)) as typeof Sdk) : undefined;
  await using fleet = await newFleet(home, sdk?.createPhonectl);
  await importFile(fleet, file, { outcome: 'created', rows: ROWS }, 65_536);
  console.log(peakMemory());
}

/** KiB. The kernel's own mark of this program; `maxRSS` would count the parent's memory too. */
function peakMemory(): number {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
