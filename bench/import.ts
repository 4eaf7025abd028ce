/**
 * How long an import takes, as a multiple of csv-parse alone on the same file, both in this process and in turns.
 * Devices with eight attributes each, one of them a password that is sealed. `node bench/import.ts [rows] [rounds]`
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { createPhonectl } from '../src/sdk/index.ts';

const ROWS = Number(process.argv[2] ?? 100_000);
const ROUNDS = Number(process.argv[3] ?? 3);

async function writeFile(path: string, rows: number): Promise<void> {
  const out = createWriteStream(path);
  out.write('mac,vendor,model,name,description,private_ip,reg.1.address,reg.1.displayName,reg.1.auth.password\n');
  let text = '';
  for (let n = 0; n < rows; n++) {
    // MACs in no order, as in real lists.
    const mac = `0004f2${((n * 9_176_393) % 0x1000000).toString(16).padStart(6, '0')}`;
    const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    text += `${mac},poly,VVX 450,phone-${n},Room ${n % 400} floor ${n % 9},${address},${1000 + n},User ${n},pw-${n}-x7Qm\n`;
    if (text.length > 1_000_000) {
      if (!out.write(text)) await once(out, 'drain');
      text = '';
    }
  }
  out.end(text);
  await once(out, 'finish');
}

async function timed(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}

async function parseAlone(path: string): Promise<void> {
  let rows = 0;
  for await (const _ of createReadStream(path).pipe(parse())) rows += 1;
  if (rows !== ROWS + 1) throw new Error(`csv-parse saw ${rows} rows`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const folder = mkdtempSync(join(tmpdir(), 'phonectl-bench-'));
process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
try {
  const file = join(folder, 'devices.csv');
  await writeFile(file, ROWS);
  const results: { alone: number; aloneCpu: number; first: number; firstCpu: number; again: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using phonectl = createPhonectl({ home: join(folder, `home-${round}`) });
    await phonectl.init({ company: 'Bench', url: 'https://bench.example', certificates: false });
    const alone = await timed(() => parseAlone(file));
    const first = await timed(async () => {
      const { summary } = await phonectl.devices.import({ source: createReadStream(file, { highWaterMark: 262_144 }) });
      if (summary.created !== ROWS) throw new Error(JSON.stringify(summary));
    });
    const again = await timed(async () => {
      const { summary } = await phonectl.devices.import({ source: createReadStream(file, { highWaterMark: 262_144 }) });
      if (summary.unchanged !== ROWS) throw new Error(JSON.stringify(summary));
    });
    results.push({ alone: alone.wall, aloneCpu: alone.cpu, first: first.wall, firstCpu: first.cpu, again: again.wall });
    console.log(
      `round ${round + 1}: csv-parse ${alone.wall.toFixed(0)} ms, import ${first.wall.toFixed(0)} ms (${(first.wall / alone.wall).toFixed(2)}×, ` +
        `cpu ${(first.cpu / alone.cpu).toFixed(2)}×), again ${again.wall.toFixed(0)} ms (${(again.wall / alone.wall).toFixed(2)}×)`,
    );
  }
  const ratio = median(results.map(({ first, alone }) => first / alone));
  const cpu = median(results.map(({ firstCpu, aloneCpu }) => firstCpu / aloneCpu));
  console.log(
    `${ROWS} rows, ${(statSync(file).size / 1e6).toFixed(1)} MB: import = ${ratio.toFixed(2)}× csv-parse alone (goal ≤ 4), ` +
      `CPU ${cpu.toFixed(2)}×, peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
