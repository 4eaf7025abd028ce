import { PhonectlCommand } from '../../../cli/base.ts';
import { listFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';
import type { CatalogRow } from '../../../sdk/catalogs/catalogs.ts';

export default class ProfileCatalogList extends PhonectlCommand<AsyncIterable<CatalogRow>> {
  static override summary = 'Lists the parameter catalogues: shipped ones and uploaded schemas.';
  static override examples = ['phonectl profile catalog list', 'phonectl profile catalog list --json'];
  static override flags = listFlags;
  static override view = listView<CatalogRow>([
    { name: 'vendor' },
    { name: 'software', get: ({ software }) => software ?? '' },
    { name: 'parameters', kind: 'number' },
    { name: 'source', get: ({ source }) => source ?? 'shipped' },
    { name: 'uploadedAt', kind: 'time', priority: 2 },
  ]);

  override async run(): Promise<AsyncIterable<CatalogRow>> {
    await this.parse(ProfileCatalogList);
    return this.phonectl.catalogs.list({}, { signal: this.signal });
  }
}
