import { PhonectlCommand } from '../../../cli/base.ts';
import { TRUSTED } from '../../../cli/columns/certificates.ts';
import { listFlags } from '../../../cli/flags.ts';
import type { ShownTrust } from '../../../sdk/certificates/manage.ts';

export default class CertTrustList extends PhonectlCommand<AsyncIterable<ShownTrust>> {
  static override summary = 'Lists the vendor authorities whose phones are believed.';
  static override examples = ['phonectl cert trust list', 'phonectl cert trust list --json'];
  static override flags = listFlags;
  static override view = TRUSTED;

  override async run(): Promise<AsyncIterable<ShownTrust>> {
    await this.parse(CertTrustList);
    return this.phonectl.certificates.trusted({}, { signal: this.signal });
  }
}
