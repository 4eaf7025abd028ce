import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { folderArg, secretsFile, secretsFileFlags } from '../../cli/fleet-flags.ts';
import type { ReceivedFolder } from '../../cli/fleet-folder.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Exported extends ReceivedFolder {
  readonly folder: string;
}

export default class FleetExport extends PhonectlCommand<Exported> {
  static override summary = 'Writes the whole intent of a fleet into a folder.';
  static override description =
    'For Git, and for moving a fleet: settings, models, sites, groups, accounts, devices, resources, firmware, profiles ' +
    'and where they are assigned, MAC files, files for single devices. Secrets stand there as `home:`, which means the one in the sealed store; with ' +
    '--secrets they are written into a file of their own, sealed with a passphrase. That is recorded.';
  static override examples = [
    'phonectl fleet export ./fleet',
    'phonectl fleet export ./moved --firmware --secrets fleet.secrets --passphrase-file passphrase.txt',
  ];
  static override args = folderArg;
  static override flags = {
    ...secretsFileFlags,
    firmware: boolean({
      summary: 'Put the firmware images and licence files in too, not only their names and SHA-256.',
    }),
  };
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
    const lines = this.phonectl.fleets.export(
      { secrets: sealed !== undefined, firmware: flags.firmware },
      { signal: this.signal },
    );
    return { folder: args.folder, ...(await receiveFolder(lines, args.folder, sealed)) };
  }
}
