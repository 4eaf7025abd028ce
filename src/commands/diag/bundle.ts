import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { cleanText } from '../../cli/text.ts';

export default class DiagBundle extends PhonectlCommand<void> {
  static override summary = 'Collects all that is known of a phone, without its secrets, as a ZIP archive.';
  static override description =
    'Status, lines, findings, last events and tasks, rendered and running configuration and their difference, logs, syslog, ' +
    'screen, environment, and an index.html that shows it in a browser. What could not be had is told, and stands in it ' +
    'with the reason.';
  static override examples = [
    'phonectl diag bundle reception --out reception.zip --enable',
    'phonectl diag bundle reception --out - > reception.zip',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    out: string({ summary: 'File to write, - for stdout. Default: DEVICE-bundle.zip.', helpValue: 'FILE' }),
    enable: boolean({ summary: 'Switch screen capture on where it is off, and off again afterwards.' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(DiagBundle);
    const out = flags.out ?? `${args.device.replace(/[^\w-]/g, '_')}-bundle.zip`;
    const [device = ''] = await this.references([args.device]);
    const input = {
      device,
      ...(flags['plain-basic'] && { plainBasic: true }),
      ...(flags.enable && { enable: true }),
    };
    const progress = await this.progress('Collecting');
    const missing: string[] = [];
    const onProgress = (event: unknown): void => {
      const told = event as { readonly collecting?: string; readonly missing?: string };
      if (told.collecting !== undefined) progress.update(told.collecting);
      if (told.missing !== undefined) missing.push(told.missing);
    };
    await this.writeTo(out, this.phonectl.diagnostics.bundle(input, { signal: this.signal, onProgress }));
    progress.stop();
    for (const reason of missing) this.note(cleanText(`Not collected: ${reason}`));
  }
}
