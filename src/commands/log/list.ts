import { string } from '@oclif/core/flags';
import { logColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { pastFlag, pastMoment } from '../../cli/time-flags.ts';
import { listView } from '../../cli/view.ts';
import type { LogLine } from '../../sdk/logs/logs.ts';

export default class LogList extends PhonectlCommand<AsyncIterable<LogLine>> {
  static override summary = 'Lists what was done, newest first: who, when, from where, on what, with which result.';
  static override description =
    'Writes and the showing of secrets are recorded; reading is not. A key that is limited to sites sees what it did ' +
    'itself, and what was done to single devices of these sites.';
  static override examples = [
    'phonectl log list --since 7d --op device',
    'phonectl log list --user ada@example.net --ip 10.20.0.7 --json',
  ];
  static override flags = {
    ...listFlags,
    since: pastFlag('since', 'From this time on.'),
    until: pastFlag('until', 'Before this time.'),
    user: string({ summary: 'By this user or key id.', helpValue: 'NAME' }),
    ip: string({ summary: 'From this address; local for the machine of the home.', helpValue: 'ADDRESS' }),
    op: string({ summary: 'Operation, or how its name begins: device, device.reboot.', helpValue: 'OPERATION' }),
    path: string({ summary: 'On an object that contains this text.', helpValue: 'TEXT' }),
    result: choice(['done', 'partial', 'failed'], { summary: 'With this result.' }),
  };
  static override view = listView<LogLine>(logColumns, { nameField: 'id', sdk: ['limit'] });

  override async run(): Promise<AsyncIterable<LogLine>> {
    const { flags } = await this.parse(LogList);
    const { limit, offset } = this.query();
    return this.phonectl.logs.list(
      {
        since: iso(flags.since),
        until: iso(flags.until),
        user: flags.user,
        ip: flags.ip,
        operation: flags.op,
        object: flags.path,
        result: flags.result,
        ...(limit !== undefined && limit > 0 && !offset && { limit }),
      },
      { signal: this.signal },
    );
  }
}

function iso(text: string | undefined): string | undefined {
  return text === undefined ? undefined : new Date(pastMoment(text)).toISOString();
}
