import { PhonectlCommand } from '../../cli/base.ts';
import { RESOURCE_COLUMNS } from '../../cli/columns/resources.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Resource } from '../../sdk/resources/resources.ts';

export default class ResourceList extends PhonectlCommand<AsyncIterable<Resource>> {
  static override summary = 'Lists the files that many phones fetch.';
  static override examples = ['phonectl resource list', 'phonectl resource list --search ring --json'];
  static override flags = listFlags;
  static override view = listView<Resource>(RESOURCE_COLUMNS, {
    empty: 'No resources. Add one: phonectl resource add FILE',
    sdk: ['search'],
  });

  override async run(): Promise<AsyncIterable<Resource>> {
    await this.parse(ResourceList);
    return this.phonectl.resources.list({ ...this.query() }, { signal: this.signal });
  }
}
