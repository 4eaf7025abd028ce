import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { WhoAmI } from '../../sdk/access/login.ts';
import { PhonectlError } from '../../sdk/errors.ts';

export default class AuthEdit extends PhonectlCommand<WhoAmI> {
  static override summary = 'Changes what others reach you by: name, phone number, country.';
  static override description =
    'Your e-mail address is your user name; an administrator changes it: phonectl user edit EMAIL --email NEW.';
  static override examples = [
    'phonectl auth edit --phone "+49 30 1234567"',
    'phonectl auth edit --context prod --name "Ada Lovelace" --country Germany',
  ];
  static override flags = {
    ...writeFlags,
    name: string({ summary: 'Your name.', helpValue: 'TEXT' }),
    phone: string({ summary: 'Your phone number.', helpValue: 'NUMBER' }),
    country: string({ summary: 'Your country.', helpValue: 'TEXT' }),
  };
  static override view = doneView<WhoAmI>(({ name, contact }) => {
    const facts = [contact?.name, contact?.phone, contact?.country].filter((fact) => fact !== undefined && fact !== '');
    return `${name}: ${facts.join(', ')}`;
  });

  override async run(): Promise<WhoAmI> {
    const { flags } = await this.parse(AuthEdit);
    const { name, phone, country } = flags;
    if (name === undefined && phone === undefined && country === undefined) {
      throw new PhonectlError('usage', 'Nothing to change was given: --name, --phone or --country.');
    }
    const before = await this.phonectl.auth.whoami({}, { signal: this.signal });
    if (flags['dry-run']) {
      const { contact } = before;
      return contact === null
        ? before
        : {
            ...before,
            contact: { name: name ?? contact.name, phone: phone ?? contact.phone, country: country ?? contact.country },
          };
    }
    return await this.phonectl.auth.edit({ name, phone, country }, { signal: this.signal });
  }
}
