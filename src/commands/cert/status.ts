import { PhonectlCommand } from '../../cli/base.ts';
import { CERTIFICATES } from '../../cli/columns/certificates.ts';
import { viewFlags } from '../../cli/flags.ts';
import type { CertificateStatus } from '../../sdk/certificates/manage.ts';

export default class CertStatus extends PhonectlCommand<readonly CertificateStatus[]> {
  static override summary = 'Shows the server certificates in use, and what is wrong with them.';
  static override examples = ['phonectl cert status', 'phonectl cert status --json'];
  static override flags = viewFlags;
  static override view = CERTIFICATES;

  override async run(): Promise<readonly CertificateStatus[]> {
    await this.parse(CertStatus);
    return await this.phonectl.certificates.status({});
  }
}
