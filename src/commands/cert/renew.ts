import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { CERTIFICATES } from '../../cli/columns/certificates.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { CertificateStatus } from '../../sdk/certificates/manage.ts';

export default class CertRenew extends PhonectlCommand<readonly CertificateStatus[]> {
  static override summary = 'Signs new server certificates with our own authority.';
  static override description =
    'For the host of the provisioning URL, the names given to `init --also`, and further ones given here, which are ' +
    'remembered. A running server takes them up at once; phones need no new CA.';
  static override examples = ['phonectl cert renew', 'phonectl cert renew --also prov2.example.net --also 10.20.0.6'];
  static override flags = {
    ...writeFlags,
    also: string({ summary: 'A further name or address. Repeatable.', helpValue: 'NAME|IP', multiple: true }),
  };
  static override view = CERTIFICATES;

  override async run(): Promise<readonly CertificateStatus[]> {
    const { flags } = await this.parse(CertRenew);
    return await this.phonectl.certificates.renew({
      dryRun: flags['dry-run'],
      ...(flags.also !== undefined && { also: flags.also }),
    });
  }
}
