import { PhonectlCommand } from '../../../cli/base.ts';
import { askFlags, askInput, folderFlag, type SavedBatch, savedView, saveFiles } from '../../../cli/device-files.ts';
import { deviceArgs, requireSelection, toSelector } from '../../../cli/selector.ts';

export default class DiagLogsGet extends PhonectlCommand<SavedBatch> {
  static override summary = 'Fetches the logs of phones, or what they have uploaded.';
  static override description =
    'Where a phone hands out no logs, those that it sent to the server by itself are taken; the answer says which.';
  static override examples = [
    'phonectl diag logs get reception',
    'phonectl diag logs get --site Berlin --out logs --json',
  ];
  static override args = deviceArgs;
  static override flags = { ...askFlags, ...folderFlag };
  static override view = savedView;

  override async run(): Promise<SavedBatch> {
    const { args, flags } = await this.parse(DiagLogsGet);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...askInput(flags) };
    return saveFiles(this.phonectl.diagnostics.logs(input, { signal: this.signal }), flags.out);
  }
}
