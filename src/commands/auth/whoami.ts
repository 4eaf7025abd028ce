import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { WhoAmI } from '../../sdk/access/login.ts';

export default class AuthWhoami extends PhonectlCommand<WhoAmI> {
  static override summary = 'Says who you are to the server, or to the home of this machine.';
  static override examples = ['phonectl auth whoami', 'phonectl auth whoami --context prod --json'];
  static override flags = viewFlags;
  static override view = showView<WhoAmI>([
    { name: 'name' },
    { name: 'kind' },
    { name: 'email' },
    { name: 'roles', kind: 'list' },
    { name: 'loginAt', header: 'LOGIN', kind: 'time' },
    { name: 'source', header: 'FROM' },
    { name: 'fullName', header: 'PERSON', get: ({ contact }) => contact?.name || null },
    { name: 'phone', get: ({ contact }) => contact?.phone || null },
    { name: 'country', get: ({ contact }) => contact?.country || null },
    { name: 'delegatedBy', header: 'DELEGATED BY', get: ({ delegation }) => delegation?.by ?? null },
    { name: 'until', kind: 'time', get: ({ delegation }) => delegation?.until ?? null },
  ]);

  override async run(): Promise<WhoAmI> {
    await this.parse(AuthWhoami);
    return await this.phonectl.auth.whoami({}, { signal: this.signal });
  }
}
