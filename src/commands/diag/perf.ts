import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { askFlags, askInput } from '../../cli/device-files.ts';
import { deviceArgs, requireSelection, toSelector } from '../../cli/selector.ts';
import { cleanText, padEnd } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { PerformanceReport } from '../../sdk/diagnostics/performance.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

export default class DiagPerf extends PhonectlCommand<readonly PerformanceReport[]> {
  static override summary = 'Shows CPU and memory of phones, now or over a while.';
  static override examples = [
    'phonectl diag perf reception',
    'phonectl diag perf reception --samples 30 --every 10',
    'phonectl diag perf --site Berlin --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...askFlags,
    samples: integer({ summary: 'How often they are asked. Default 1.', helpValue: 'N', min: 1, max: 1000 }),
    every: integer({ summary: 'Seconds between two samples. Default 5.', helpValue: 'SECONDS', min: 1, max: 3600 }),
  };
  static override view = textView<readonly PerformanceReport[]>((rows) =>
    [...Map.groupBy(rows, ({ device }) => device)].map(([device, samples]) => line(device, samples)),
  );

  override async run(): Promise<readonly PerformanceReport[]> {
    const { args, flags } = await this.parse(DiagPerf);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const progress = await this.progress('Asking the phones');
    const rows: PerformanceReport[] = [];
    const input = {
      selector,
      ...askInput(flags),
      ...(flags.samples !== undefined && { samples: flags.samples }),
      ...(flags.every !== undefined && { every: flags.every }),
    };
    for await (const row of this.phonectl.diagnostics.performance(input, { signal: this.signal })) {
      rows.push(row);
      progress.update(`${rows.length} answers`);
    }
    this.exitWith(rows.some(({ result }) => result === 'failure') ? 3 : 0);
    return rows;
  }
}

function line(device: string, samples: readonly PerformanceReport[]): string {
  const last = samples.at(-1);
  const start = `${padEnd(device, 13)} ${padEnd(cleanText(last?.name ?? ''), 16)}`;
  if (last === undefined || last.result !== 'success') return `${start} ${cleanText(last?.reason ?? '')}`;
  const { cpu, memoryUsed, memoryTotal } = last;
  const memory =
    memoryUsed === null || memoryTotal === null ? 'N/A' : `${Math.round((memoryUsed / memoryTotal) * 100)} %`;
  const curve = samples.map((sample) => bar(sample.cpu)).join('');
  return `${start} CPU ${padEnd(cpu === null ? 'N/A' : `${cpu.toFixed(1)} %`, 8)} memory ${padEnd(memory, 6)} ${curve}`.trimEnd();
}

function bar(percent: number | null): string {
  if (percent === null) return ' ';
  return BARS[Math.min(BARS.length - 1, Math.floor((percent / 100) * BARS.length))] ?? ' ';
}
