import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { saveContext, saveCredentials } from '../../cli/contexts.ts';
import { askText } from '../../cli/prompt.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';

interface LoggedIn {
  readonly user: string;
  readonly server: string;
  readonly context: string;
  readonly expiresAt: string;
  readonly mustChangePassword: boolean;
}

export default class AuthLogin extends PhonectlCommand<LoggedIn> {
  static override summary = 'Signs you in to a server with user name and password.';
  static override description =
    'The session is kept with the context and ends after 30 minutes without a command. With PHONECTL_SERVER set, it is ' +
    'kept in a context named after the host of the server. Programs use access keys instead.';
  static override examples = [
    'phonectl auth login --context prod --user ada@example.net',
    'phonectl auth login --user ada@example.net --password-stdin < password.txt',
  ];
  static override flags = {
    ...secretFlags('password', 'password'),
    user: string({ char: 'u', summary: 'E-mail address.', helpValue: 'EMAIL' }),
  };
  static override view = textView<LoggedIn>((session, style) => [
    `${style.paint('green', style.symbol('ok'))} Signed in to ${session.server} as ${cleanText(session.user)}.`,
    ...(session.mustChangePassword ? ['Change the password now: phonectl auth passwd'] : []),
  ]);

  override async run(): Promise<LoggedIn> {
    const { flags } = await this.parse(AuthLogin);
    const target = this.target;
    if (target === undefined) {
      throw new PhonectlError('usage', 'The owner of the home of this machine needs no login.', {
        hints: ['Name a server: --context NAME or PHONECTL_SERVER.', 'Add one: phonectl context add NAME --server URL'],
      });
    }
    const email = flags.user ?? (await askText(this.prompts, { message: 'E-mail address:', flag: '--user' }));
    const password = await readSecret(this.prompts, flags, 'password', { message: 'Password:' });
    const session = await this.phonectl.auth.login({ email, password: password ?? '' }, { signal: this.signal });
    const { server, ca, name } = target;
    const context = name === 'PHONECTL_SERVER' ? new URL(server).hostname.replaceAll(/[^a-z0-9.-]/gi, '-') : name;
    await saveContext(context, { server, ...(ca !== undefined && { ca }) }, true, process.env);
    await saveCredentials(context, { token: session.token }, process.env);
    const { user, expiresAt, mustChangePassword } = session;
    return { user, server, context, expiresAt, mustChangePassword };
  }
}
