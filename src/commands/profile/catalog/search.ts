import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { PARAMETER_COLUMNS } from '../../../cli/columns/catalogs.ts';
import { choice, viewFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';
import type { CatalogParameter } from '../../../sdk/catalogs/catalogs.ts';

export default class ProfileCatalogSearch extends PhonectlCommand<AsyncIterable<CatalogParameter>> {
  static override summary = 'Searches the parameters of the phones by name and description.';
  static override description =
    '{n} in a name stands for any number: reg.{n}.address is reg.1.address, reg.2.address ….';
  static override examples = [
    'phonectl profile catalog search "auto answer"',
    'phonectl profile catalog search expires --vendor poly --json',
  ];
  static override args = { text: string({ required: true, description: 'Words, two characters or more.' }) };
  static override flags = {
    ...viewFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Only parameters of this vendor.' }),
  };
  static override view = listView<CatalogParameter>(PARAMETER_COLUMNS, {
    empty: 'No parameter fits. Poly: phonectl profile catalog upload polycomConfig.xsd teaches those of your firmware.',
  });

  override async run(): Promise<AsyncIterable<CatalogParameter>> {
    const { args, flags } = await this.parse(ProfileCatalogSearch);
    return this.phonectl.catalogs.search({ text: args.text, vendor: flags.vendor }, { signal: this.signal });
  }
}
