import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { PARAMETER_COLUMNS } from '../../../cli/columns/catalogs.ts';
import { choice, viewFlags } from '../../../cli/flags.ts';
import { showView } from '../../../cli/view.ts';
import type { CatalogParameter } from '../../../sdk/catalogs/catalogs.ts';

export default class ProfileCatalogShow extends PhonectlCommand<CatalogParameter | readonly CatalogParameter[]> {
  static override summary = 'Tells type, range, default and effect of a parameter.';
  static override examples = [
    'phonectl profile catalog show call.autoAnswer.SIP',
    'phonectl profile catalog show reg.1.server.1.expires --json',
  ];
  static override args = { name: string({ required: true, description: 'Name, in any case.' }) };
  static override flags = {
    ...viewFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Only the parameter of this vendor.' }),
  };
  static override view = showView<CatalogParameter>(PARAMETER_COLUMNS.map(({ extra: _, ...column }) => column));

  override async run(): Promise<CatalogParameter | readonly CatalogParameter[]> {
    const { args, flags } = await this.parse(ProfileCatalogShow);
    const found = await this.phonectl.catalogs.show({ name: args.name, vendor: flags.vendor }, { signal: this.signal });
    return found.length === 1 ? found[0]! : found;
  }
}
