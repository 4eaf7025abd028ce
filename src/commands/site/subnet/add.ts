import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { pushFlags } from '../../../cli/pushing.ts';
import { PushingCommand } from '../../../cli/pushing-command.ts';
import { sitesWrittenView } from '../../../cli/site-flags.ts';
import type { SitesWritten } from '../../../sdk/sites/write.ts';

export default class SiteSubnetAdd extends PushingCommand<SitesWritten> {
  static override summary = 'Adds a public subnet to a site, or private subnets inside one.';
  static override examples = [
    'phonectl site subnet add Berlin --public 20.1.0.0/16',
    'phonectl site subnet add Berlin --public 20.1.0.0/16 --private 10.33.24.0/24',
  ];
  static override args = { site: string({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...pushFlags,
    public: stringFlag({ summary: 'The public subnet.', helpValue: 'CIDR', required: true }),
    private: stringFlag({ summary: 'A private subnet inside it. Repeatable.', helpValue: 'CIDR', multiple: true }),
  };
  static override view = sitesWrittenView('changed');

  override async run(): Promise<SitesWritten> {
    const { args, flags } = await this.parse(SiteSubnetAdd);
    const result = await this.phonectl.sites.addSubnet(
      { site: args.site, public: flags.public, private: flags.private, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
