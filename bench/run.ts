/** `npm run bench [NAME …]`: runs the benchmarks of this folder and prints their ratios. `npm run bench -- --json` for programs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Benchmark, Measurement } from './harness.ts';

const HELPERS = new Set(['run.ts', 'harness.ts']);

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !HELPERS.has(file))
  .map((file) => file.slice(0, -3));
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(2);
}

const results: Record<string, readonly Measurement[]> = {};
for (const name of positionals.length > 0 ? positionals : known) {
  const benchmark = (await import(pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href)) as Partial<Benchmark>;
  // A file without run() is a helper of its neighbours.
  if (typeof benchmark.run !== 'function') continue;
  results[name] = await benchmark.run();
  if (!values.json) print(name, results[name]);
}
if (values.json) console.log(JSON.stringify(results, undefined, 2));

function print(name: string, measurements: readonly Measurement[]): void {
  console.log(`\n${name}`);
  for (const { name: what, ratio, reference, goal, note } of measurements) {
    const verdict = goal === undefined ? '' : ratio <= goal ? `  goal ${goal}: met` : `  goal ${goal}: MISSED`;
    console.log(
      `  ${what.padEnd(44)} ${ratio.toFixed(2).padStart(6)} × ${reference}${verdict}${note ? `  (${note})` : ''}`,
    );
  }
}
