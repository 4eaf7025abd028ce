import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { readJsonLines } from '../../cli/json-lines.ts';
import { siteFlags, siteInput, sitesWrittenView } from '../../cli/site-flags.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { NewSite, SitesWritten } from '../../sdk/sites/write.ts';

export default class SiteAdd extends PhonectlCommand<SitesWritten> {
  static override summary = 'Adds sites.';
  static override description =
    'Several names, or JSON lines on stdin, are added all together or not at all. A new site lies under the ' +
    "company's unless --parent says otherwise.";
  static override examples = [
    'phonectl site add Berlin --public 20.1.0.0/16 --private 10.0.0.0/8',
    'phonectl site add Floor-1 Floor-2 --parent Berlin',
    `echo '{"name":"Paris","subnets":[{"public":"20.2.0.0/16"}]}' | phonectl site add --stdin`,
  ];
  static override args = { names: string({ multiple: true, description: 'Names of the new sites.' }) };
  static override flags = {
    ...writeFlags,
    ...siteFlags,
    stdin: boolean({ summary: 'Read sites as JSON lines from stdin.', exclusive: ['parent', 'public', 'description'] }),
  };
  static override view = sitesWrittenView('added');

  override async run(): Promise<SitesWritten> {
    const { args, flags } = await this.parse(SiteAdd);
    const names = args.names ?? [];
    if (names.length === 0 && !flags.stdin) throw new UsageValueError('Name at least one site, or give --stdin.');
    const fields = siteInput(flags);
    const sites = [
      ...names.map((name) => ({ ...fields, name })),
      ...(flags.stdin ? await readJsonLines<NewSite>() : []),
    ];
    const result = await this.phonectl.sites.add({ sites, dryRun: flags['dry-run'] }, { signal: this.signal });
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
