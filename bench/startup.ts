/**
 * How long a command takes until it has answered, as a multiple of the empty program `node -e 0`. Needs the bundle
 * (`npm run build`). The store of 50,000 devices is made once and thrown away.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleaved, type Measurement, timeNode } from './harness.ts';

const RUN = join(import.meta.dirname, '../bin/run.js');
const DEVICES = 50_000;
const ROUNDS = 21;

export async function run(): Promise<Measurement[]> {
  if (!existsSync(join(import.meta.dirname, '../dist/cli.cjs'))) throw new Error('There is no bundle: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-bench-'));
  try {
    const env = { PHONECTL_HOME: join(folder, 'home'), XDG_CONFIG_HOME: folder };
    makeFleet(folder, env);
    const list = [RUN, 'device', 'list', '--json', '--limit', '10'];
    timeNode(list, env); // fills the compile cache
    const times = await interleaved(
      {
        empty: () => timeNode(['-e', '0'], env),
        version: () => timeNode([RUN, '--version'], env),
        facts: () => timeNode([RUN, 'version', '--json'], env),
        list: () => timeNode(list, env),
        show: () => timeNode([RUN, 'device', 'show', macOf(DEVICES / 2), '--json'], env),
        complete: () => timeNode([RUN, 'complete', '--', 'device', 'list', '--site', 'B'], env),
      },
      ROUNDS,
    );
    const reference = 'node -e 0';
    const ratio = (time: number): Pick<Measurement, 'ratio' | 'reference' | 'note'> => ({
      ratio: time / times.empty,
      reference,
      note: `${time.toFixed(0)} ms / ${times.empty.toFixed(0)} ms`,
    });
    return [
      { name: 'phonectl --version', ...ratio(times.version), goal: 2.3 },
      { name: 'phonectl version --json', ...ratio(times.facts) },
      { name: `device list --json, 10 of ${DEVICES}`, ...ratio(times.list), goal: 3 },
      { name: `device show MAC --json, of ${DEVICES}`, ...ratio(times.show) },
      { name: 'completion of a site', ...ratio(times.complete) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFleet(folder: string, env: Readonly<Record<string, string>>): void {
  timeNode([RUN, 'init', '--company', 'Bench', '--url', 'https://127.0.0.1:18443', '--yes'], env);
  const file = join(folder, 'devices.csv');
  const rows = Array.from({ length: DEVICES }, (_, index) => `${macOf(index)},VVX 450,phone-${index}`);
  writeFileSync(file, `mac,model,name\n${rows.join('\n')}\n`);
  timeNode([RUN, 'device', 'import', file, '--yes'], env);
}

function macOf(index: number): string {
  return `64167f${index.toString(16).padStart(6, '0')}`;
}
