import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { RevokedDelegation } from '../../sdk/delegations/delegations.ts';

export default class DelegationRevoke extends PhonectlCommand<RevokedDelegation> {
  static override summary = 'Takes a delegation back; what runs in its name ends within a second.';
  static override examples = [
    'phonectl delegation revoke ops@reseller.example',
    'phonectl delegation revoke ops@reseller.example --yes --json',
  ];
  static override args = { email: string({ required: true, description: 'E-mail address.' }) };
  static override flags = { ...writeFlags };
  static override view = textView<RevokedDelegation>(({ revoked, keys }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${cleanText(revoked)} does not act for you any more.`,
    ...keys.map((key) => `  The access key ${cleanText(key)} that they made is still good: phonectl key revoke NAME`),
  ]);

  override async run(): Promise<RevokedDelegation> {
    const { args, flags } = await this.parse(DelegationRevoke);
    const { email } = args;
    const plan = await this.phonectl.delegations.revoke({ email, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `take the access of ${plan.revoked} away`);
    return await this.phonectl.delegations.revoke({ email }, { signal: this.signal });
  }
}
