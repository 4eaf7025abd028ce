import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { CERTIFICATES } from '../../cli/columns/certificates.ts';
import { writeFlags } from '../../cli/flags.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import type { CertificateStatus } from '../../sdk/certificates/manage.ts';

export default class CertImport extends PhonectlCommand<readonly CertificateStatus[]> {
  static override summary = 'Installs a server certificate of another authority.';
  static override description =
    'A PEM file with the server’s certificate first and its authorities after it. It must name the host of the ' +
    'provisioning URL. Install an RSA and an ECDSA one with two calls. The key is kept encrypted; a running server takes ' +
    'the certificate up at once.';
  static override examples = [
    'phonectl cert import fullchain.pem --key privkey.pem',
    'phonectl cert import server.pem --key server.key --passphrase-file passphrase.txt',
  ];
  static override args = { file: stringArg({ required: true, description: 'PEM file, - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    key: string({ summary: 'PEM file of the private key, unless it is in the same file.', helpValue: 'FILE' }),
    ...secretFlags('passphrase', 'Passphrase of the private key'),
  };
  static override view = CERTIFICATES;

  override async run(): Promise<readonly CertificateStatus[]> {
    const { args, flags } = await this.parse(CertImport);
    const { readText } = await import('../../cli/streams.ts');
    const certificate = await readText(args.file);
    const key = flags.key === undefined ? undefined : await readText(flags.key);
    const passphrase = await readSecret(this.prompts, flags, 'passphrase');
    return await this.phonectl.certificates.import({
      certificate,
      dryRun: flags['dry-run'],
      ...(key !== undefined && { key }),
      ...(passphrase !== undefined && { passphrase }),
    });
  }
}
