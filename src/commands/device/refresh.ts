import { boolean, integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { dryRunFlag } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { cleanText, count, phoneColumn } from '../../cli/text.ts';
import { type BatchResult, textView } from '../../cli/view.ts';
import type { RefreshResult } from '../../sdk/control/refresh.ts';

interface Refreshed extends BatchResult {
  readonly results: readonly RefreshResult[];
}

export default class DeviceRefresh extends PhonectlCommand<Refreshed> {
  static override summary = 'Asks devices how they are now and keeps the answers.';
  static override description =
    'Model, firmware, registration and call state are then in `phonectl device list` (DEV-26).';
  static override examples = ['phonectl device refresh --site Berlin', 'phonectl device refresh reception --json'];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    ...dryRunFlag,
    concurrency: integer({ summary: 'Phones at the same time.', helpValue: 'N', min: 1, max: 5000 }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to phones that know nothing better.' }),
  };
  static override view = textView<Refreshed>(({ summary, results }, style) => {
    const failed = results.filter(({ result }) => result === 'failure');
    const phone = phoneColumn(failed);
    const symbol = style.paint('red', style.symbol('fail'));
    return [
      ...failed.map((result) => `${symbol} ${phone(result)} ${cleanText(result.reason ?? '')}`.trimEnd()),
      `${summary['success'] ?? 0} of ${count(summary['total'] ?? 0, 'device')} answered.`,
    ];
  });

  override async run(): Promise<Refreshed> {
    const { args, flags } = await this.parse(DeviceRefresh);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const progress = await this.progress('Asking the phones');
    const results: RefreshResult[] = [];
    const input = {
      selector,
      dryRun: flags['dry-run'],
      ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
      ...(flags['plain-basic'] && { plainBasic: true }),
    };
    for await (const result of this.phonectl.control.refresh(input, { signal: this.signal })) {
      results.push(result);
      progress.update(`${results.length} asked`);
    }
    const number = (wanted: RefreshResult['result']): number =>
      results.filter(({ result }) => result === wanted).length;
    const summary = {
      total: results.length,
      success: number('success'),
      failure: number('failure'),
      notApplicable: number('not-applicable'),
      skipped: number('skipped'),
    };
    return this.batch({ summary, results });
  }
}
