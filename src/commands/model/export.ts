import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, outFlag } from '../../cli/flags.ts';

export default class ModelExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes models of one vendor as a YAML file, to be changed and imported.';
  static override examples = [
    'phonectl model export VVX450 > vvx450.yaml',
    'phonectl model export --vendor yealink --out yealink.yaml',
  ];
  static override args = { models: string({ multiple: true, description: 'Names; else all models of --vendor.' }) };
  static override flags = {
    ...outFlag,
    vendor: choice(['poly', 'yealink', 'cisco', 'other'], { summary: 'Only models of this vendor.' }),
  };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(ModelExport);
    const chunks = this.phonectl.models.export({ models: args.models, vendor: flags.vendor }, { signal: this.signal });
    await this.writeTo(flags.out, chunks);
    return undefined;
  }
}
