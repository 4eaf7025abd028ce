/** CPU and memory of a phone as a line with a curve. */
import type { PerformanceHistory, PerformanceReport } from '../sdk/diagnostics/performance.ts';
import type { Style } from './style.ts';
import { cleanText, padEnd } from './text.ts';

/** A phone's newest answer, and what is kept of it, in order of time. */
export interface DeviceLoad extends Omit<PerformanceReport, 'result' | 'at'> {
  readonly result: PerformanceReport['result'] | 'skipped';
  readonly at: string | null;
  readonly samples: PerformanceHistory['samples'];
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const WIDTH = 40;

export function loadLine({ device, name, result, reason, samples, ...now }: DeviceLoad, style: Style): string {
  const start = `${padEnd(device, 13)} ${padEnd(cleanText(name), 16)}`;
  const curve = curveOf(samples);
  if (result !== 'success' && (result !== 'skipped' || samples.length === 0)) {
    const why = reason === 'not asked' ? 'nothing is kept of it' : cleanText(reason ?? '');
    return `${start} ${result === 'failure' ? style.paint('red', why) : style.paint('grey', why)} ${curve}`.trimEnd();
  }
  const { cpu, memoryUsed, memoryTotal } = now;
  const memory =
    memoryUsed === null || memoryTotal === null ? 'N/A' : `${Math.round((memoryUsed / memoryTotal) * 100)} %`;
  const load = cpu === null ? 'N/A' : `${cpu.toFixed(1)} %`;
  return `${start} CPU ${padEnd(load, 8)} memory ${padEnd(memory, 6)} ${curve}`.trimEnd();
}

/** `▁▂▂▃ 12–31 %, 24 samples since 2026-11-22 07:10`: the bars are of 0 to 100 %. */
function curveOf(samples: DeviceLoad['samples']): string {
  const points = samples.flatMap(({ cpu }) => (cpu === null ? [] : [cpu]));
  const [first] = samples;
  if (points.length < 2 || first === undefined) return '';
  const range = `${Math.min(...points).toFixed(0)}–${Math.max(...points).toFixed(0)} %`;
  const since = first.at.slice(0, 16).replace('T', ' ');
  return `${narrowed(points).map(bar).join('')} ${range}, ${points.length} samples since ${since} UTC`;
}

/** Neighbours are averaged where there are more points than places. */
function narrowed(points: readonly number[]): readonly number[] {
  if (points.length <= WIDTH) return points;
  return Array.from({ length: WIDTH }, (_, place) => {
    const part = points.slice(
      Math.floor((place * points.length) / WIDTH),
      Math.floor(((place + 1) * points.length) / WIDTH),
    );
    return part.reduce((sum, point) => sum + point, 0) / part.length;
  });
}

function bar(percent: number): string {
  const place = Math.floor((percent / 100) * BARS.length);
  return BARS[Math.max(0, Math.min(BARS.length - 1, place))] ?? ' ';
}
