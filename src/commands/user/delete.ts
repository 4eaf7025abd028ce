import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';

export default class UserDelete extends PhonectlCommand<{ deleted: string }> {
  static override summary = 'Deletes a user and ends their sessions.';
  static override examples = ['phonectl user delete ada@example.net', 'phonectl user delete ada@example.net --yes'];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = writeFlags;
  static override view = doneView<{ deleted: string }>(({ deleted }) => `User ${deleted} deleted.`);

  override async run(): Promise<{ deleted: string }> {
    const { args, flags } = await this.parse(UserDelete);
    const plan = await this.phonectl.users.delete({ user: args.user, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `delete the user ${plan.deleted}`);
    return await this.phonectl.users.delete({ user: args.user }, { signal: this.signal });
  }
}
