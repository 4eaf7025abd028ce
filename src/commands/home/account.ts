import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags, yesFlag } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { SharedAccountShown } from '../../sdk/home-admin/key.ts';

export default class HomeAccount extends PhonectlCommand<SharedAccountShown> {
  static override local = true;
  static override summary = 'Shows the provisioning account that phones enrol with.';
  static override description =
    'It opens nothing but the enrolment window of an announced phone, and the files of sites in classic mode. With ' +
    '--rotate phones that have not enrolled yet need the new password.';
  static override examples = ['phonectl home account --reveal', 'phonectl home account --rotate --reveal --yes'];
  static override flags = {
    ...viewFlags,
    ...yesFlag,
    reveal: boolean({ summary: 'Show the password; this is recorded.' }),
    rotate: boolean({ summary: 'Give it a new password.' }),
  };
  static override view = showView<SharedAccountShown>([{ name: 'username' }, { name: 'password' }]);

  override async run(): Promise<SharedAccountShown> {
    const { flags } = await this.parse(HomeAccount);
    const { reveal } = flags;
    if (!flags.rotate) return await this.phonectl.homes.account({ reveal }, { signal: this.signal });
    await this.confirm('destructive', 1, 'replace the password of the provisioning account');
    return await this.phonectl.homes.rotateAccount({ reveal }, { signal: this.signal });
  }
}
