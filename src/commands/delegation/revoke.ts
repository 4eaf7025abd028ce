import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';

export default class DelegationRevoke extends PhonectlCommand<{ revoked: string }> {
  static override summary = 'Takes a delegation back; what runs in its name ends within a second.';
  static override examples = [
    'phonectl delegation revoke ops@reseller.example',
    'phonectl delegation revoke ops@reseller.example --yes --json',
  ];
  static override args = { email: string({ required: true, description: 'E-mail address.' }) };
  static override flags = { ...writeFlags };
  static override view = doneView<{ revoked: string }>(({ revoked }) => `${revoked} does not act for you any more.`);

  override async run(): Promise<{ revoked: string }> {
    const { args, flags } = await this.parse(DelegationRevoke);
    const { email } = args;
    const plan = await this.phonectl.delegations.revoke({ email, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `take the access of ${plan.revoked} away`);
    return await this.phonectl.delegations.revoke({ email }, { signal: this.signal });
  }
}
