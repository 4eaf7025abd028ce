import { boolean, integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { askFlags, askInput } from '../../cli/device-files.ts';
import { listFlags } from '../../cli/flags.ts';
import { type DeviceLoad, loadLine } from '../../cli/load.ts';
import { deviceArgs, requireSelection, toSelector } from '../../cli/selector.ts';
import { pastFlag, pastMoment } from '../../cli/time-flags.ts';
import { textView } from '../../cli/view.ts';

export default class DiagPerf extends PhonectlCommand<readonly DeviceLoad[]> {
  static override summary = 'Shows CPU and memory of phones, now and over the last days.';
  static override description =
    'Every answer is kept for seven days, and the curve shows what is kept. `phonectl serve --sample-load 15m` asks all ' +
    'phones that can tell by itself (DIAG-21).';
  static override examples = [
    'phonectl diag perf reception',
    'phonectl diag perf reception --watch --interval 10',
    'phonectl diag perf --site Berlin --samples 30 --every 10 --json',
    'phonectl diag perf --all --offline --since 7d',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...askFlags,
    samples: integer({ summary: 'How often they are asked. Default 1.', helpValue: 'N', min: 1, max: 1000 }),
    every: integer({ summary: 'Seconds between two samples. Default 5.', helpValue: 'SECONDS', min: 1, max: 3600 }),
    since: pastFlag('since', 'How far back the curve goes, at most 7d; default 24h.'),
    offline: boolean({
      summary: 'Only what is kept; no phone is asked.',
      exclusive: ['samples', 'every', 'plain-basic', 'concurrency'],
    }),
    watch: listFlags.watch,
    interval: listFlags.interval,
  };
  static override view = textView<readonly DeviceLoad[]>((loads, style) => {
    if (loads.length === 0) return ['No devices.'];
    return loads.map((load) => loadLine(load, style));
  });

  override async run(): Promise<readonly DeviceLoad[]> {
    const { args, flags } = await this.parse(DiagPerf);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const loads = new Map<string, DeviceLoad>();
    const { diagnostics } = this.phonectl;
    if (!flags.offline) {
      const progress = await this.progress('Asking the phones');
      const input = {
        selector,
        ...askInput(flags),
        ...(flags.samples !== undefined && { samples: flags.samples }),
        ...(flags.every !== undefined && { every: flags.every }),
      };
      let answers = 0;
      for await (const row of diagnostics.performance(input, { signal: this.signal })) {
        loads.set(row.device, { ...row, samples: [] });
        answers += 1;
        progress.update(`${answers} answers`);
      }
    }
    const wanted = { selector, ...(flags.since !== undefined && { since: agoText(flags.since) }) };
    for await (const { device, name, samples } of diagnostics.performanceHistory(wanted, { signal: this.signal })) {
      const load = loads.get(device) ?? unasked(device, name, samples.at(-1));
      loads.set(device, { ...load, samples });
    }
    const all = [...loads.values()];
    this.exitWith(all.some(({ result }) => result === 'failure') ? 3 : 0);
    return all;
  }
}

/** Of a phone that was not asked: the newest that is kept of it. */
function unasked(device: string, name: string, newest: DeviceLoad['samples'][number] | undefined): DeviceLoad {
  const nothing = { at: null, cpu: null, cpuAverage: null, memoryUsed: null, memoryTotal: null };
  return { device, name, result: 'skipped', reason: 'not asked', ...(newest ?? nothing), samples: [] };
}

/** Nothing is kept for longer. */
const WEEK_IN_MINUTES = 7 * 1440;

function agoText(text: string): string {
  const minutes = Math.ceil((Date.now() - pastMoment(text)) / 60_000);
  return `${Math.min(WEEK_IN_MINUTES, Math.max(1, minutes))}m`;
}
