import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { futureFlag } from '../../cli/time-flags.ts';
import { textView } from '../../cli/view.ts';
import type { GrantedDelegation } from '../../sdk/delegations/delegations.ts';

export default class DelegationGrant extends PhonectlCommand<GrantedDelegation> {
  static override summary = 'Lets somebody outside act in the name of the enterprise, at once.';
  static override description =
    'A reseller or a contractor signs in with this address and may what the role may, everything by default. The log ' +
    'says `delegate` of what they do. Granted again, it changes the role and the end.';
  static override examples = [
    'phonectl delegation grant ops@reseller.example --until 30d',
    'phonectl delegation grant ops@reseller.example --role helpdesk',
  ];
  static override args = { email: stringArg({ required: true, description: 'E-mail address.' }) };
  static override flags = {
    ...writeFlags,
    role: string({ summary: 'What they may; super by default. Repeatable.', helpValue: 'ROLE', multiple: true }),
    until: futureFlag('until', 'When it ends by itself: 2027-01-31, or 30d from now.'),
    name: string({ summary: 'Who that is.', helpValue: 'TEXT' }),
  };
  static override view = textView<GrantedDelegation>(({ email, roles, until, mail }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${cleanText(email)} acts for you as ${cleanText(roles.join(', '))}${
      until === null ? ', until you take it back' : ` until ${until.slice(0, 16).replace('T', ' ')} UTC`
    }.`,
    ...(mail === null ? [] : [`The first password is in the outbox: phonectl user outbox ${mail}`]),
  ]);

  override async run(): Promise<GrantedDelegation> {
    const { args, flags } = await this.parse(DelegationGrant);
    const { role: roles, until, name } = flags;
    return await this.phonectl.delegations.grant(
      { email: args.email, roles, until, name, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
