import { boolean, integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import type { Style } from '../../cli/style.ts';
import { cleanText, count, phoneColumn } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { ConfigStatus } from '../../sdk/push/read.ts';

export interface Drift {
  readonly summary: {
    readonly total: number;
    readonly running: number;
    readonly served: number;
    readonly pending: number;
    readonly differs: number;
    readonly unknown: number;
    readonly notApplicable: number;
  };
  /** Devices that run something else, wait, or could not be looked at. */
  readonly results: readonly ConfigStatus[];
}

export default class ConfigDrift extends PhonectlCommand<Drift> {
  static override summary = 'Asks devices what they run and shows where it differs from what they should.';
  static override description =
    'Poly and Cisco phones are read; of Yealink phones the local settings that they uploaded are looked at. What a ' +
    'phone overrides itself is named with the command that clears it. A phone that has not fetched yet is pending, ' +
    'which is no drift.';
  static override examples = [
    'phonectl config drift --site Berlin',
    'phonectl config drift --all --exit-code',
    'phonectl config drift reception --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    'exit-code': boolean({ summary: 'Exit with 20 when a device runs something else.' }),
    offline: boolean({ summary: 'Ask no phone; only look at what phones uploaded.' }),
    concurrency: integer({ summary: 'Phones at the same time.', helpValue: 'N', min: 1, max: 1000 }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to phones that know nothing better.' }),
  };
  static override view = textView<Drift>(driftLines);

  override async run(): Promise<Drift> {
    const { args, flags } = await this.parse(ConfigDrift);
    const progress = await this.progress('Asking the phones');
    const found = this.phonectl.pushes.drift(
      {
        selector: toSelector(flags, await this.references(args.devices)),
        offline: flags.offline,
        ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
        ...(flags['plain-basic'] && { plainBasic: true }),
      },
      { signal: this.signal },
    );
    const counts = { total: 0, running: 0, served: 0, pending: 0, differs: 0, unknown: 0, notApplicable: 0 };
    const results: ConfigStatus[] = [];
    for await (const status of found) {
      counts.total += 1;
      counts[status.state === 'not-applicable' ? 'notApplicable' : status.state] += 1;
      if (status.state !== 'running' && status.state !== 'not-applicable' && !isQuiet(status)) results.push(status);
      progress.update(`${counts.total} looked at`);
    }
    if (flags['exit-code'] && counts.differs > 0) this.exitWith(EXIT.differences);
    return { summary: counts, results };
  }
}

/** Fetched, and there is nothing more to know of this kind of phone. */
function isQuiet({ state, reason }: ConfigStatus): boolean {
  return state === 'served' && reason === null;
}

function driftLines({ summary, results }: Drift, style: Style): string[] {
  const phone = phoneColumn(results);
  const lines = results.flatMap((status) => deviceLines(status, phone(status), style));
  const { total, running, served, differs, pending, unknown, notApplicable } = summary;
  const of = (number: number, what: string): string[] =>
    number > 0 ? [`${number.toLocaleString('en-US')} ${what}`] : [];
  const parts = [
    `${(running + served).toLocaleString('en-US')} of ${count(total, 'device')} as ${total === 1 ? 'it' : 'they'} should be`,
    ...of(differs, 'differ'),
    ...of(pending, 'pending'),
    ...of(unknown, 'unknown'),
    ...of(notApplicable, 'not applicable'),
  ];
  return [...lines, parts.join(' · ')];
}

function deviceLines(status: ConfigStatus, phone: string, style: Style): string[] {
  const { state, differences, clear, reason } = status;
  const differs = state === 'differs';
  const mark = differs ? style.paint('red', style.symbol('fail')) : style.paint('yellow', style.symbol('part'));
  const head = `${mark} ${phone} ${differs ? '' : `${state}: `}${cleanText(reason ?? '')}`;
  const rows = differences.map(({ param, desired, running, layer }) => {
    const from = layer === null ? '' : `  (${cleanText(layer)})`;
    return `    ${cleanText(param)}: ${cleanText(running ?? '?')} instead of ${cleanText(desired)}${from}`;
  });
  return [head.trimEnd(), ...rows, ...(clear === null ? [] : [`    ${clear}`])];
}
