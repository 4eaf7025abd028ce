import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { askFlags, askInput, folderFlag, type SavedBatch, savedView, saveFiles } from '../../cli/device-files.ts';
import { openFile } from '../../cli/open-file.ts';
import { deviceArgs, requireSelection, toSelector } from '../../cli/selector.ts';

export default class DiagScreen extends PhonectlCommand<SavedBatch> {
  static override summary = 'Takes pictures of the screens of phones.';
  static override description =
    'The picture is written as the phone sends it: PNG, BMP or JPEG. Poly phones refuse unless screen capture is on; ' +
    '--enable switches it on for this once.';
  static override examples = [
    'phonectl diag screen reception --open',
    'phonectl diag screen --site Berlin --out screens --enable',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...askFlags,
    ...folderFlag,
    enable: boolean({ summary: 'Switch the feature on where it is off, and off again afterwards.' }),
    open: boolean({ summary: 'Show the picture when it is here.' }),
  };
  static override view = savedView;

  override async run(): Promise<SavedBatch> {
    const { args, flags } = await this.parse(DiagScreen);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...askInput(flags), ...(flags.enable && { enable: true }) };
    const saved = await saveFiles(this.phonectl.diagnostics.screen(input, { signal: this.signal }), flags.out);
    const first = saved.results.flatMap(({ files }) => files)[0];
    if (flags.open && first !== undefined) openFile(first.path);
    return saved;
  }
}
