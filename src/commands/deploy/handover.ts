import { PhonectlCommand } from '../../cli/base.ts';
import { choice } from '../../cli/flags.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import { textView } from '../../cli/view.ts';
import type { Handover } from '../../sdk/deploy/handover.ts';

export default class DeployHandover extends PhonectlCommand<Handover> {
  static override summary = 'Prints what the server that phones obey now must give them, so that they come here.';
  static override description = 'It holds no login: phones enrol here with the provisioning account or a certificate.';
  static override examples = [
    'phonectl deploy handover --vendor yealink',
    'phonectl deploy handover --vendor poly --json',
  ];
  static override flags = {
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Whose phones come over.' }),
  };
  static override view = textView<Handover>(({ files, steps }) => [
    ...files.flatMap(({ name, text }) => [`===== ${name}`, text.trimEnd()]),
    '',
    ...steps,
  ]);

  override async run(): Promise<Handover> {
    const { flags } = await this.parse(DeployHandover);
    if (flags.vendor === undefined) throw new UsageValueError('--vendor is required: poly, yealink or cisco.');
    return await this.phonectl.deploy.handover({ vendor: flags.vendor }, { signal: this.signal });
  }
}
