import { string } from '@oclif/core/args';
import { ImportSession, importExit, importFlags, importView } from '../../cli/importing.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ImportReport } from '../../sdk/csv/report.ts';

export default class GroupImport extends PushingCommand<ImportReport> {
  static override summary = 'Adds and overwrites device groups from a CSV file.';
  static override description =
    'Columns: group_name, description, default (rank among the default groups). The order of the file becomes the order ' +
    'of the groups. Which devices are in a group is part of the device file.';
  static override examples = [
    'phonectl group import groups.csv --dry-run',
    'phonectl group import - --partial --errors-out rejected.csv < groups.csv',
  ];
  static override args = { file: string({ required: true, description: 'CSV file, - for stdin.' }) };
  static override flags = { ...importFlags, ...pushFlags };
  static override view = importView('groups');

  override async run(): Promise<ImportReport> {
    const { args, flags } = await this.parse(GroupImport);
    const session = await ImportSession.open(args.file, flags, await this.progress('Reading groups'));
    let report: ImportReport | undefined;
    try {
      report = await this.phonectl.groups.import(session.input, { signal: this.signal, onProgress: session.hear });
    } finally {
      session.finish(report);
    }
    this.exitWith(importExit(report, flags.partial));
    return report;
  }
}
