import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { textView } from '../../../cli/view.ts';
import type { ShownAuthority } from '../../../sdk/certificates/manage.ts';

export default class CertCaShow extends PhonectlCommand<ShownAuthority | undefined> {
  static override summary = 'Prints the certificate of our own authority.';
  static override description = 'It is public: phones and administrators’ browsers install it to trust the server.';
  static override examples = ['phonectl cert ca show', 'phonectl cert ca show --out acme-ca.pem'];
  static override flags = { out: string({ summary: 'Write it to this file.', helpValue: 'FILE' }) };
  static override view = textView<ShownAuthority>(({ pem }) => [pem.trimEnd()]);

  override async run(): Promise<ShownAuthority | undefined> {
    const { flags } = await this.parse(CertCaShow);
    const authority = await this.phonectl.certificates.authority({});
    if (flags.out === undefined) return authority;
    await this.writeTo(flags.out, [authority.pem]);
    return undefined;
  }
}
