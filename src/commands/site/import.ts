import { string } from '@oclif/core/args';
import { ImportSession, importExit, importFlags, importView } from '../../cli/importing.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ImportReport } from '../../sdk/csv/report.ts';

export default class SiteImport extends PushingCommand<ImportReport> {
  static override summary = 'Adds and overwrites sites from a CSV file.';
  static override description =
    'Rows overwrite sites of the same name; columns that the file does not have stay as they are. Every row is checked ' +
    'before anything is written. Columns: site_name, description, location_name, subnets (JSON), parent, provisioning, ' +
    'auto_add, download_path, time_zone, office_hours; `phonectl site template` prints them with notes.';
  static override examples = [
    'phonectl site import sites.csv --dry-run',
    'phonectl site import sites.csv --log import.log',
    'phonectl site import - --partial --errors-out rejected.csv < sites.csv',
  ];
  static override args = { file: string({ required: true, description: 'CSV file, - for stdin.' }) };
  static override flags = { ...importFlags, ...pushFlags };
  static override view = importView('sites');

  override async run(): Promise<ImportReport> {
    const { args, flags } = await this.parse(SiteImport);
    const session = await ImportSession.open(args.file, flags, await this.progress('Reading sites'));
    let report: ImportReport | undefined;
    try {
      report = await this.phonectl.sites.import(session.input, { signal: this.signal, onProgress: session.hear });
    } finally {
      session.finish(report);
    }
    this.exitWith(importExit(report, flags.partial));
    return report;
  }
}
