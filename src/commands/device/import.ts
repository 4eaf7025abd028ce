import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { choice } from '../../cli/flags.ts';
import { ImportSession, importExit, importFlags, importView } from '../../cli/importing.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ImportReport } from '../../sdk/csv/report.ts';

export default class DeviceImport extends PushingCommand<ImportReport> {
  static override summary = 'Adds and updates devices from a CSV file.';
  static override description =
    'Every row is checked before anything is written. Columns: mac or serial, vendor, model, name, site, groups (A|B), description, private_ip, ' +
    "line1.account … lineN.account, the manual's mac_address, serial_number, endpoint_type, endpoint_name, endpoint_group; any other column that is " +
    "a vendor's parameter goes to the device's CSV profile. `phonectl device template` prints them with notes. Devices that exist are left alone " +
    'unless --update says otherwise. Interrupted, the same command completes it.';
  static override examples = [
    'phonectl device import phones.csv --dry-run',
    'phonectl device import phones.csv --update merge --log import.log',
    'phonectl device import - --partial --errors-out rejected.csv < phones.csv',
  ];
  static override args = { file: string({ required: true, description: 'CSV file, - for stdin.' }) };
  static override flags = {
    ...importFlags,
    ...pushFlags,
    update: choice(['skip', 'merge', 'overwrite'], {
      summary:
        'Devices that exist: leave alone (default), take over what the file says, or make them as the file says.',
    }),
    accounts: choice(['replace', 'append'], {
      summary: 'Accounts of devices that exist: replace them (default), or add on free lines.',
    }),
    'default-groups': boolean({ summary: 'Put new devices without a group into the default groups.' }),
  };
  static override view = importView('devices');

  override async run(): Promise<ImportReport> {
    const { args, flags } = await this.parse(DeviceImport);
    const session = await ImportSession.open(args.file, flags, await this.progress('Reading devices'));
    let report: ImportReport | undefined;
    try {
      report = await this.phonectl.devices.import(
        {
          ...session.input,
          update: flags.update,
          accounts: flags.accounts,
          defaultGroups: flags['default-groups'],
          cells: flags['errors-out'] !== undefined,
        },
        { signal: this.signal, onProgress: session.hear },
      );
    } finally {
      session.finish(report);
    }
    this.exitWith(importExit(report, flags.partial));
    return report;
  }
}
