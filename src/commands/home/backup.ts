import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { Backup } from '../../sdk/home-admin/backup.ts';

export default class HomeBackup extends PhonectlCommand<Backup> {
  static override local = true;
  static override summary = 'Writes the whole home but the sealing key into one tar file.';
  static override description =
    'The database is copied as it is at one moment; others may go on working. The sealing key is never in a backup: keep ' +
    'a copy of it elsewhere (`phonectl home key` says where it is), or the secrets of the backup cannot be opened.';
  static override examples = ['phonectl home backup phonectl.tar', 'phonectl home backup /backup/today.tar --force'];
  static override args = { file: string({ required: true, description: 'File to write.' }) };
  static override flags = { force: boolean({ summary: 'Replace the file if it is there.' }) };
  static override view = textView<Backup>((result, style) => [
    `${style.paint('green', style.symbol('ok'))} ${result.file}: ${count(result.files, 'file')}, ${count(result.bytes, 'byte')}.`,
    'The sealing key is not in it: phonectl home key',
  ]);

  override async run(): Promise<Backup> {
    const { args, flags } = await this.parse(HomeBackup);
    await this.progress('Writing the backup');
    return await this.phonectl.homes.backup({ file: args.file, overwrite: flags.force }, { signal: this.signal });
  }
}
