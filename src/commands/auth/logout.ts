import { boolean } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { forgetSession } from '../../cli/contexts.ts';
import { resetViews } from '../../cli/saved-views.ts';

export default class AuthLogout extends PhonectlCommand<{ user: string; all: boolean }> {
  static override summary = 'Ends your session, or with --all every session of yours.';
  static override examples = ['phonectl auth logout', 'phonectl auth logout --all --context prod'];
  static override flags = { all: boolean({ summary: 'End the sessions on other machines too.' }) };
  static override view = doneView<{ user: string; all: boolean }>(({ user }) => `${user} is signed out.`);

  override async run(): Promise<{ user: string; all: boolean }> {
    const { flags } = await this.parse(AuthLogout);
    const result = await this.phonectl.auth.logout({ all: flags.all }, { signal: this.signal });
    if (this.target !== undefined) await forgetSession(this.target, process.env);
    await resetViews(process.env);
    return result;
  }
}
