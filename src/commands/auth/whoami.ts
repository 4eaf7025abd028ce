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
    { name: 'contact', get: ({ contact }) => reachedBy(contact) },
    { name: 'delegation', get: ({ delegation }) => delegation && inWhoseName(delegation) },
  ]);

  override async run(): Promise<WhoAmI> {
    await this.parse(AuthWhoami);
    return await this.phonectl.auth.whoami({}, { signal: this.signal });
  }
}

function reachedBy(contact: WhoAmI['contact']): string | null {
  const facts = contact === null ? [] : [contact.name, contact.phone, contact.country];
  return facts.filter((fact) => fact !== '').join(', ') || null;
}

function inWhoseName({ by, until }: NonNullable<WhoAmI['delegation']>): string {
  return until === null ? `by ${by}` : `by ${by}, until ${until}`;
}
