import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { askFlags, askInput, folderFlag, type SavedBatch, savedView, saveFiles } from '../../cli/device-files.ts';
import { choice } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, toSelector } from '../../cli/selector.ts';

export default class DiagConfigExport extends PhonectlCommand<SavedBatch> {
  static override summary = 'Fetches the configuration that phones run, as they export it.';
  static override description =
    'Parts: what it fetched (files), what was set at it (local), on its web page (web), its device settings (device), ' +
    'or all. Secrets are replaced by asterisks without --show-secrets, which is recorded.';
  static override examples = [
    'phonectl diag config-export reception',
    'phonectl diag config-export --site Berlin --part web --out overrides',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...askFlags,
    ...folderFlag,
    part: choice(['all', 'files', 'local', 'web', 'device'], { summary: 'Which part. Default all.' }),
    'show-secrets': boolean({ summary: 'Leave passwords in it; this is recorded.' }),
  };
  static override view = savedView;

  override async run(): Promise<SavedBatch> {
    const { args, flags } = await this.parse(DiagConfigExport);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = {
      selector,
      ...askInput(flags),
      ...(flags.part !== undefined && { part: flags.part }),
      ...(flags['show-secrets'] && { showSecrets: true }),
    };
    return saveFiles(this.phonectl.diagnostics.configuration(input, { signal: this.signal }), flags.out);
  }
}
