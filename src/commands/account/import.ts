import { string } from '@oclif/core/args';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { choice } from '../../cli/flags.ts';
import { ImportSession, importExit, importFlags, importView } from '../../cli/importing.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ImportReport } from '../../sdk/csv/report.ts';

export default class AccountImport extends PushingCommand<ImportReport> {
  static override summary = 'Adds accounts from a CSV file and, with --update, changes those that exist.';
  static override description =
    'Columns: type, name, username, auth_name, password, display_name, label, server, port, transport, server2, port2, ' +
    'site, description; `phonectl account template --type TYPE` prints those of a type with notes. ******** as a ' +
    'password keeps the stored one. Every row is checked before anything is written.';
  static override examples = [
    'phonectl account import accounts.csv --dry-run',
    'phonectl account import accounts.csv --type sip --update merge',
    'phonectl account import - --partial --errors-out rejected.csv < accounts.csv',
  ];
  static override args = { file: string({ required: true, description: 'CSV file, - for stdin.' }) };
  static override flags = {
    ...importFlags,
    ...pushFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Type of all rows, where the file does not say it.' }),
    update: choice(['skip', 'merge', 'overwrite'], {
      summary: 'Accounts that exist: leave them (default), fill in cells that are not empty, or replace them.',
    }),
  };
  static override view = importView('accounts');

  override async run(): Promise<ImportReport> {
    const { args, flags } = await this.parse(AccountImport);
    const session = await ImportSession.open(args.file, flags, await this.progress('Reading accounts'));
    let report: ImportReport | undefined;
    try {
      report = await this.phonectl.accounts.import(
        { ...session.input, type: flags.type, update: flags.update },
        { signal: this.signal, onProgress: session.hear },
      );
    } finally {
      session.finish(report);
    }
    this.exitWith(importExit(report, flags.partial));
    return report;
  }
}
