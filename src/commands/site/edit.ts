import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { siteFlags, siteInput, sitesWrittenView } from '../../cli/site-flags.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { SitesWritten } from '../../sdk/sites/write.ts';

export default class SiteEdit extends PushingCommand<SitesWritten> {
  static override summary = 'Changes sites.';
  static override examples = [
    'phonectl site edit Berlin --name Berlin-Mitte --location "Friedrichstr. 1"',
    'phonectl site edit Intranet --public 20.1.0.0/16',
    'phonectl site edit Berlin Paris --provisioning certificate',
    'phonectl site edit Berlin --download-path https://relay.example.net/',
  ];
  static override args = {
    sites: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = {
    ...pushFlags,
    name: stringFlag({ summary: 'New name; only for one site.', helpValue: 'NAME' }),
    ...siteFlags,
  };
  static override view = sitesWrittenView('changed');

  override async run(): Promise<SitesWritten> {
    const { args, flags } = await this.parse(SiteEdit);
    const changes = { ...siteInput(flags), ...(flags.name !== undefined && { name: flags.name }) };
    if (Object.keys(changes).length === 0) throw new UsageValueError('Nothing to change was given.');
    const sites = await this.references(args.sites);
    const result = await this.phonectl.sites.edit(
      { sites, ...changes, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
