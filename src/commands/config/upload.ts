import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { macFileLines } from '../../cli/columns/mac-files.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { MacFileWritten } from '../../sdk/macfiles/mac-files.ts';

export default class ConfigUpload extends PushingCommand<readonly MacFileWritten[]> {
  static override summary = "Makes files of the vendor's own form the MAC files of devices: their topmost layer.";
  static override description =
    'The MAC address in the name says whose file it is. Parameters that decide who holds the phone (logins, ' +
    'provisioning server, certificates) are left out unless --allow-protected is given.';
  static override examples = [
    'phonectl config upload 0004f2abcdef.cfg',
    'phonectl config upload backup.xml --device reception --dry-run',
  ];
  static override args = { files: stringArg({ required: true, multiple: true, description: 'Files; - for stdin.' }) };
  static override flags = {
    ...pushFlags,
    device: string({ summary: 'Whose file it is, where the name does not say it.', helpValue: 'DEVICE' }),
    'allow-protected': boolean({ summary: 'Also what decides who holds the phone.' }),
  };
  static override view = textView<readonly MacFileWritten[]>((files, style) =>
    files.flatMap((file) => macFileLines(file, style)),
  );

  override async run(): Promise<readonly MacFileWritten[]> {
    const { args, flags } = await this.parse(ConfigUpload);
    const files = Array.isArray(args.files) ? args.files : [args.files];
    if (flags.device !== undefined && files.length > 1) {
      throw new PhonectlError('usage', '--device names one device, and there are several files.');
    }
    const { openInput } = await import('../../cli/streams.ts');
    const { basename } = process.getBuiltinModule('node:path');
    const results: MacFileWritten[] = [];
    for (const path of files) {
      const input = await openInput(path);
      results.push(
        await this.phonectl.macFiles.macUpload(
          {
            source: input.stream,
            file: basename(path),
            dryRun: flags['dry-run'],
            allowProtected: flags['allow-protected'],
            ...(flags.device !== undefined && { device: flags.device }),
          },
          { signal: this.signal },
        ),
      );
    }
    return results;
  }
}
