/** What every benchmark shares: figures are ratios of things measured in turns in one run, since machines are noisy. */
import { spawnSync } from 'node:child_process';

/** One figure of a benchmark. */
export interface Measurement {
  readonly name: string;
  /** How many times the reference; lower is better. */
  readonly ratio: number;
  /** What it is compared with. */
  readonly reference: string;
  /** The ratio that is wanted, where there is one. */
  readonly goal?: number;
  /** Absolute figures, for the eye. */
  readonly note?: string;
}

/** A benchmark file exports `run`; the runner prints what it returns. */
export interface Benchmark {
  run(): Promise<readonly Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Runs the cases in turns, `rounds` times, and returns the median of each: what disturbs the machine disturbs all of
 * them alike. A case returns its own measure (milliseconds, CPU microseconds …), or nothing for its wall time.
 */
export async function interleaved<K extends string>(
  cases: Readonly<Record<K, () => number | undefined | Promise<number | undefined>>>,
  rounds: number,
): Promise<Record<K, number>> {
  const names = Object.keys(cases) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const start = performance.now();
      const own = await cases[name]();
      times.get(name)!.push(own ?? performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)!)])) as Record<K, number>;
}

/** Wall milliseconds of a Node process with these arguments; throws when it fails. */
export function timeNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}
