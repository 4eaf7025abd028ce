import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { textView } from '../../cli/view.ts';

export default class AuthForgot extends PhonectlCommand<{ accepted: true }> {
  static override summary = 'Has a token sent to you that resets a forgotten password.';
  static override description =
    'It is good for ten minutes, once. The answer is the same whether there is such a user or not.';
  static override examples = [
    'phonectl auth forgot ada@example.net',
    'phonectl auth forgot ada@example.net --context prod',
  ];
  static override args = { email: string({ required: true, description: 'E-mail address.' }) };
  static override view = textView<{ accepted: true }>(() => [
    'If there is such a user, a token is on its way.',
    'With it: phonectl auth reset',
  ]);

  override async run(): Promise<{ accepted: true }> {
    const { args } = await this.parse(AuthForgot);
    return await this.phonectl.auth.forgot({ email: args.email }, { signal: this.signal });
  }
}
