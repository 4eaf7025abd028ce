import { join } from 'node:path';
import { boolean, string } from '@oclif/core/flags';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { exportFlags, exportInput } from '../../cli/exporting.ts';
import { choice } from '../../cli/flags.ts';

export default class AccountExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes the accounts as CSV that imports as unchanged.';
  static override description =
    'Passwords stand as ********, which an import takes for the stored one; --reveal writes them, and is recorded. ' +
    'With --dir there is one file for each type, with the columns of that type.';
  static override examples = [
    'phonectl account export > accounts.csv',
    'phonectl account export --dir accounts/',
    'phonectl account export --type sip --site Berlin --reveal --out berlin.csv',
  ];
  static override flags = {
    ...exportFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Only accounts of this type, with its columns.' }),
    site: string({ summary: 'Only accounts of this site.', helpValue: 'SITE' }),
    dir: string({
      summary: 'Folder for one file for each type.',
      helpValue: 'DIR',
      exclusive: ['type', 'out'],
    }),
    reveal: boolean({ summary: 'Write the passwords; this is recorded.' }),
  };

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(AccountExport);
    const input = { ...exportInput(flags), site: flags.site, reveal: flags.reveal };
    if (flags.dir === undefined) {
      const chunks = this.phonectl.accounts.export({ ...input, type: flags.type }, { signal: this.signal });
      await this.writeTo(flags.out, chunks);
      return undefined;
    }
    const { mkdir } = await import('node:fs/promises');
    await mkdir(flags.dir, { recursive: true, mode: 0o700 });
    for (const type of ACCOUNT_TYPES) {
      const chunks = this.phonectl.accounts.export({ ...input, type }, { signal: this.signal });
      await this.writeTo(join(flags.dir, `accounts-${type}.csv`), chunks);
    }
    return undefined;
  }
}
