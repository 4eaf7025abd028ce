import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';

export default class LogDownload extends PhonectlCommand<void> {
  static override summary = 'Writes the log of one week as JSON lines.';
  static override description =
    'Any day of a week gives the file of that week, from Monday 00:00 UTC to Sunday, or to now.';
  static override examples = [
    'phonectl log download --out this-week.ndjson',
    'phonectl log download --week-of 2026-11-18 --out week.ndjson',
  ];
  static override flags = {
    ...outFlag,
    'week-of': string({ summary: 'A day of the week; default is today.', helpValue: 'DATE' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(LogDownload);
    await this.writeTo(flags.out, this.phonectl.logs.download({ weekOf: flags['week-of'] }, { signal: this.signal }));
  }
}
