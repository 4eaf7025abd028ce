import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { TRUSTED } from '../../../cli/columns/certificates.ts';
import { writeFlags } from '../../../cli/flags.ts';
import type { ShownTrust } from '../../../sdk/certificates/manage.ts';

const VENDORS = ['poly', 'yealink', 'cisco'] as const;

export default class CertTrustAdd extends PhonectlCommand<readonly ShownTrust[]> {
  static override summary = 'Trusts authorities of a vendor: what they signed proves which phone it is.';
  static override description =
    'Phones then get their files by the certificate from the factory, without any password. A certificate opens the ' +
    'files of the one MAC that it names. Get the authority’s file from the vendor and check its fingerprint.';
  static override examples = [
    'phonectl cert trust add polycom-root.pem --vendor poly',
    'phonectl cert trust add yealink-ca.pem --vendor yealink --allow-expired',
  ];
  static override args = { file: stringArg({ required: true, description: 'PEM file, - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    vendor: string({ summary: 'Whose phones it vouches for.', options: [...VENDORS], required: true }),
    'allow-expired': boolean({
      summary: 'Also phones whose certificate has expired, and an authority that has expired or is signed with SHA-1.',
    }),
  };
  static override view = TRUSTED;

  override async run(): Promise<readonly ShownTrust[]> {
    const { args, flags } = await this.parse(CertTrustAdd);
    const { readText } = await import('../../../cli/streams.ts');
    const certificates = await readText(args.file);
    const vendor = flags.vendor as (typeof VENDORS)[number];
    const allowExpired = flags['allow-expired'];
    return await this.phonectl.certificates.trust({
      vendor,
      certificates,
      dryRun: flags['dry-run'],
      ...(allowExpired && { allowExpired }),
    });
  }
}
