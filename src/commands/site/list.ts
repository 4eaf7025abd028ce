import { PhonectlCommand } from '../../cli/base.ts';
import { SITE_COLUMNS } from '../../cli/columns/sites.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Site } from '../../sdk/sites/site.ts';

export default class SiteList extends PhonectlCommand<AsyncIterable<Site>> {
  static override summary = 'Lists the sites.';
  static override examples = [
    'phonectl site list',
    'phonectl site list --search berlin --json',
    'phonectl site list --filter parent=Acme --sort -deviceCount',
  ];
  static override aliases = ['site:ls'];
  static override flags = listFlags;
  static override view = listView<Site>(SITE_COLUMNS, {
    empty: 'No sites fit. Add one: phonectl site add NAME',
    sdk: ['search', 'sort', 'limit'],
  });

  override async run(): Promise<AsyncIterable<Site>> {
    await this.parse(SiteList);
    return this.phonectl.sites.list(this.query(), { signal: this.signal });
  }
}
