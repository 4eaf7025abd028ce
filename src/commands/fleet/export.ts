import { PhonectlCommand } from '../../cli/base.ts';
import { folderArg, secretsFile, secretsFileFlags } from '../../cli/fleet-flags.ts';
import type { ReceivedFolder } from '../../cli/fleet-folder.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Exported extends ReceivedFolder {
  readonly folder: string;
}

export default class FleetExport extends PhonectlCommand<Exported> {
  static override summary = 'Writes the whole fleet into a folder: sites, groups, accounts, devices, profiles.';
  static override description =
    'For Git, and for moving a fleet. Secrets stand there as `home:`, which means the one in the sealed store; with ' +
    '--secrets they are written into a file of their own, sealed with a passphrase. That is recorded.';
  static override examples = [
    'phonectl fleet export ./fleet',
    'phonectl fleet export ./fleet --secrets fleet.secrets --passphrase-file passphrase.txt',
  ];
  static override args = folderArg;
  static override flags = secretsFileFlags;
  static override view = textView<Exported>(({ folder, files, removed, secrets }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${cleanText(folder)}: ${count(files.length, 'file')} written` +
      `${removed.length > 0 ? `, ${removed.length} removed` : ''}` +
      `${secrets === null ? '' : `; ${count(secrets, 'secret')} sealed`}.`,
  ]);

  override async run(): Promise<Exported> {
    const { args, flags } = await this.parse(FleetExport);
    const sealed = await secretsFile(this.prompts, flags, { repeat: true });
    const { receiveFolder } = await import('../../cli/fleet-folder.ts');
    await this.progress('Exporting');
    const lines = this.phonectl.fleets.export({ secrets: sealed !== undefined }, { signal: this.signal });
    return { folder: args.folder, ...(await receiveFolder(lines, args.folder, sealed)) };
  }
}
