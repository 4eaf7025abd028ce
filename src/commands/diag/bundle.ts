import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';

export default class DiagBundle extends PhonectlCommand<void> {
  static override summary = 'Collects all that is known of a phone, without its secrets, as a ZIP archive.';
  static override description =
    'Status, lines, findings, last events, rendered and running configuration and their difference, logs, screen, ' +
    'environment, and an index.html that shows it in a browser. What could not be had stands in it with the reason.';
  static override examples = [
    'phonectl diag bundle reception --out reception.zip',
    'phonectl diag bundle reception --out - > reception.zip',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    out: string({ summary: 'File to write, - for stdout. Default: DEVICE-bundle.zip.', helpValue: 'FILE' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(DiagBundle);
    const out = flags.out ?? `${args.device.replace(/[^\w-]/g, '_')}-bundle.zip`;
    const input = { device: args.device, ...(flags['plain-basic'] && { plainBasic: true }) };
    await this.writeTo(out, this.phonectl.diagnostics.bundle(input, { signal: this.signal }));
  }
}
