import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { cleanText } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { ShownTrust } from '../../../sdk/certificates/manage.ts';

export default class CertTrustRemove extends PhonectlCommand<ShownTrust> {
  static override summary = 'Stops trusting a vendor authority; a running server refuses its phones within a second.';
  static override examples = ['phonectl cert trust remove 3fa2c1d9', 'phonectl cert trust remove 3fa2c1d9 --yes'];
  static override args = {
    fingerprint: stringArg({ required: true, description: 'Beginning of its fingerprint, eight digits or more.' }),
  };
  static override flags = writeFlags;
  static override view = textView<ShownTrust>(
    ({ subject }, style) => `${style.paint('green', style.symbol('ok'))} ${cleanText(subject)} is no longer trusted.`,
  );

  override async run(): Promise<ShownTrust> {
    const { args, flags } = await this.parse(CertTrustRemove);
    const input = { fingerprint: args.fingerprint, dryRun: flags['dry-run'] };
    if (flags['dry-run']) return await this.phonectl.certificates.distrust(input);
    await this.confirm('destructive', 1, 'refuse the phones that only their certificate lets in');
    return await this.phonectl.certificates.distrust(input);
  }
}
