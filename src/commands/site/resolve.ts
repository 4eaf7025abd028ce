import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { ResolvedSite } from '../../sdk/sites/subnets.ts';

export default class SiteResolve extends PhonectlCommand<ResolvedSite> {
  static override summary = 'Says to which site a device with these addresses belongs.';
  static override description =
    'The longest public subnet wins, then the longest private one inside it; a site that has the public subnet without ' +
    'private ones takes the rest.';
  static override examples = [
    'phonectl site resolve --public 20.1.2.3 --private 10.33.24.7',
    'phonectl site resolve --private 10.1.2.3 --json',
  ];
  static override flags = {
    ...viewFlags,
    public: string({ summary: 'Address that the device comes from.', helpValue: 'IP' }),
    private: string({ summary: "The device's own address.", helpValue: 'IP' }),
  };
  static override view = showView<ResolvedSite>([
    { name: 'site' },
    { name: 'publicSubnet' },
    { name: 'privateSubnet' },
    { name: 'reason' },
  ]);

  override async run(): Promise<ResolvedSite> {
    const { flags } = await this.parse(SiteResolve);
    return await this.phonectl.sites.resolve({ public: flags.public, private: flags.private }, { signal: this.signal });
  }
}
