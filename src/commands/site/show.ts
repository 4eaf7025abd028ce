import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { SITE_COLUMNS } from '../../cli/columns/sites.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Site } from '../../sdk/sites/site.ts';

export default class SiteShow extends PhonectlCommand<Site | Site[]> {
  static override summary = 'Shows sites with everything that is known of them.';
  static override examples = ['phonectl site show Berlin', 'phonectl site show Berlin Paris --json'];
  static override args = {
    sites: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = viewFlags;
  static override view = showView<Site>(SITE_COLUMNS.map(({ extra: _, ...column }) => column));

  override async run(): Promise<Site | Site[]> {
    const { args } = await this.parse(SiteShow);
    const found: Site[] = [];
    for (const site of await this.references(args.sites)) {
      found.push(await this.phonectl.sites.show({ site }, { signal: this.signal }));
    }
    return found.length === 1 ? found[0]! : found;
  }
}
