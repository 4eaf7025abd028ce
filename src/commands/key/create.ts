import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { newKeyView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { NewKey } from '../../sdk/keys/keys.ts';

export default class KeyCreate extends PhonectlCommand<NewKey> {
  static override summary = 'Makes an access key for a program and prints its secret, once.';
  static override description =
    'Only a hash of the secret is kept. Programs give both parts as PHONECTL_KEY_ID and PHONECTL_KEY_SECRET, or as ' +
    '`Authorization: Bearer ID.SECRET`.';
  static override examples = [
    'phonectl key create ci --role super --json',
    'phonectl key create helpdesk --role helpdesk --expires 90d --from 10.20.0.0/16',
    'phonectl key create crm --role reader --callback https://crm.example.net/phones',
  ];
  static override args = { name: stringArg({ required: true, description: 'Name of the key.' }) };
  static override flags = {
    ...writeFlags,
    role: string({ summary: 'Role that it has. Repeatable.', helpValue: 'ROLE', multiple: true, required: true }),
    description: string({ summary: 'What the key is for.', helpValue: 'TEXT' }),
    expires: string({ summary: 'When it ends: 2027-01-31, or 90d from now.', helpValue: 'TIME' }),
    from: string({ summary: 'Network that it may be used from. Repeatable.', helpValue: 'CIDR', multiple: true }),
    callback: string({
      summary: 'Address (https) that is told what ended, see `phonectl docs api`.',
      helpValue: 'URL',
    }),
  };
  static override view = newKeyView('made');

  override async run(): Promise<NewKey> {
    const { args, flags } = await this.parse(KeyCreate);
    return await this.phonectl.keys.create(
      {
        name: args.name,
        description: flags.description,
        roles: flags.role,
        expires: flags.expires,
        from: flags.from,
        callback: flags.callback,
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
  }
}
