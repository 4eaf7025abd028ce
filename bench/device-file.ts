/** A device file for benchmarks: eight attributes for each device, one of them a password that is sealed. */
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPhonectl, type Phonectl } from '../src/sdk/index.ts';

/** MACs come in no order, as in real lists. */
export async function writeDeviceFile(path: string, rows: number): Promise<void> {
  const out = createWriteStream(path);
  out.write('mac,vendor,model,name,description,private_ip,reg.1.address,reg.1.displayName,reg.1.auth.password\n');
  let text = '';
  for (let n = 0; n < rows; n++) {
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

/** A folder for one benchmark, with keys of its own, removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-bench-'));
  process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An empty fleet in a new home. */
export async function newFleet(home: string, create: typeof createPhonectl = createPhonectl): Promise<Phonectl> {
  const phonectl = create({ home });
  await phonectl.init({ company: 'Bench', url: 'https://bench.example', certificates: false });
  return phonectl;
}

/** Imports the file and checks that every row has the outcome. */
export async function importFile(
  phonectl: Phonectl,
  file: string,
  expected: { readonly outcome: 'created' | 'unchanged'; readonly rows: number },
  chunk = 262_144,
): Promise<void> {
  const { summary } = await phonectl.devices.import({ source: createReadStream(file, { highWaterMark: chunk }) });
  if (summary[expected.outcome] !== expected.rows) throw new Error(JSON.stringify(summary));
}
