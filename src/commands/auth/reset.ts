import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';

export default class AuthReset extends PhonectlCommand<{ user: string }> {
  static override summary = 'Sets a new password with the token that was sent to you.';
  static override examples = [
    'phonectl auth reset --context prod',
    'phonectl auth reset --token-file token.txt --password-file new.txt',
  ];
  static override flags = { ...secretFlags('token', 'token'), ...secretFlags('password', 'new password') };
  static override view = doneView<{ user: string }>(({ user }) => `The password of ${user} is set. Sign in with it.`);

  override async run(): Promise<{ user: string }> {
    const { flags } = await this.parse(AuthReset);
    const token = await readSecret(this.prompts, flags, 'token', { message: 'Token:' });
    const password = await readSecret(this.prompts, flags, 'password', { message: 'New password:', repeat: true });
    return await this.phonectl.auth.reset({ token: token ?? '', password: password ?? '' }, { signal: this.signal });
  }
}
