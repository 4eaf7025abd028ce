import { PhonectlCommand } from '../../cli/base.ts';
import { CERTIFICATES } from '../../cli/columns/certificates.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { CertificateStatus } from '../../sdk/certificates/manage.ts';

export default class CertReset extends PhonectlCommand<readonly CertificateStatus[]> {
  static override summary = 'Removes the imported certificates: those of our own authority are used again.';
  static override description = 'Phones that have not learnt our CA will then refuse the server.';
  static override examples = ['phonectl cert reset', 'phonectl cert reset --yes --json'];
  static override flags = writeFlags;
  static override view = CERTIFICATES;

  override async run(): Promise<readonly CertificateStatus[]> {
    const { flags } = await this.parse(CertReset);
    if (flags['dry-run']) return await this.phonectl.certificates.removeImported({ dryRun: true });
    await this.confirm('destructive', 1, 'remove the imported server certificates');
    return await this.phonectl.certificates.removeImported({});
  }
}
