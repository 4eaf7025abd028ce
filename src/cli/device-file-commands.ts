/** What `device file` and `device log` do alike. */
import { string as stringArg } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import type { DeletedFiles } from '../sdk/device-files/device-files.ts';
import { PhonectlCommand } from './base.ts';
import { outFlag, writeFlags } from './flags.ts';
import { requiredDeviceArg } from './selector.ts';
import { cleanText, count } from './text.ts';
import { textView } from './view.ts';

export abstract class DeleteDeviceFiles extends PhonectlCommand<DeletedFiles> {
  static override args = {
    ...requiredDeviceArg,
    files: stringArg({ required: true, multiple: true, description: 'Names of the files.' }),
  };
  static override flags = writeFlags;
  static override view = textView<DeletedFiles>(({ deleted }) => deleted.map((name) => cleanText(name)));

  override async run(): Promise<DeletedFiles> {
    const { args, flags } = await this.parse(this.ctor as typeof DeleteDeviceFiles);
    const [device = ''] = await this.references([args.device]);
    const files = Array.isArray(args.files) ? args.files : [args.files];
    const plan = await this.phonectl.deviceFiles.fileDelete({ device, files, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.deleted.length, `delete ${count(plan.deleted.length, 'file')}`);
    return await this.phonectl.deviceFiles.fileDelete({ device, files }, { signal: this.signal });
  }
}

export abstract class DownloadDeviceFile extends PhonectlCommand<undefined> {
  static override args = {
    ...requiredDeviceArg,
    file: stringArg({ required: true, description: 'Name of the file.' }),
  };
  static override flags = {
    ...outFlag,
    'show-secrets': boolean({ summary: 'Leave passwords in what the phone sent; this is recorded.' }),
  };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(this.ctor as typeof DownloadDeviceFile);
    const [device = ''] = await this.references([args.device]);
    const input = { device, file: args.file, ...(flags['show-secrets'] && { showSecrets: true }) };
    await this.writeTo(flags.out, this.phonectl.deviceFiles.fileDownload(input, { signal: this.signal }));
  }
}
