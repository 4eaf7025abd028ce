import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { askSecret } from '../../cli/prompt.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';

export default class AuthPasswd extends PhonectlCommand<{ user: string }> {
  static override summary = 'Changes your own password; your other sessions end.';
  static override examples = [
    'phonectl auth passwd --context prod',
    'phonectl auth passwd --old-password-file old.txt --password-file new.txt',
  ];
  static override flags = {
    ...secretFlags('old-password', 'present password'),
    ...secretFlags('password', 'new password'),
  };
  static override view = doneView<{ user: string }>(({ user }) => `The password of ${user} is changed.`);

  override async run(): Promise<{ user: string }> {
    const { flags } = await this.parse(AuthPasswd);
    const old =
      (await readSecret(this.prompts, flags, 'old-password')) ??
      (await askSecret(this.prompts, { message: 'Present password:', flag: '--old-password-file' }));
    const password = await readSecret(this.prompts, flags, 'password', { message: 'New password:', repeat: true });
    return await this.phonectl.auth.passwd({ old, password: password ?? '' }, { signal: this.signal });
  }
}
