import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { askFlags, askInput, folderFlag, type SavedBatch, savedView, saveFiles } from '../../../cli/device-files.ts';
import { deviceArgs, requireSelection, toSelector } from '../../../cli/selector.ts';

export default class DiagLogsGet extends PhonectlCommand<SavedBatch> {
  static override summary = 'Fetches the logs of phones, or what they have uploaded.';
  static override description =
    'Where a phone hands out no logs, those that it sent to the server by itself are taken; the answer says which. ' +
    'What is known to be secret, or is called so, is replaced by asterisks without --show-secrets, which is recorded.';
  static override examples = [
    'phonectl diag logs get reception',
    'phonectl diag logs get --site Berlin --out logs --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...askFlags,
    ...folderFlag,
    'show-secrets': boolean({ summary: 'Leave passwords in them; this is recorded.' }),
  };
  static override view = savedView;

  override async run(): Promise<SavedBatch> {
    const { args, flags } = await this.parse(DiagLogsGet);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...askInput(flags), ...(flags['show-secrets'] && { showSecrets: true }) };
    return saveFiles(this.phonectl.diagnostics.logs(input, { signal: this.signal }), flags.out);
  }
}
