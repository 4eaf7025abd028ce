import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { MODEL_COLUMNS } from '../../cli/columns/models.ts';
import { viewFlags } from '../../cli/flags.ts';
import { type Column, showView } from '../../cli/view.ts';
import type { Model } from '../../sdk/models/model.ts';

const CAN: Column<Model> = {
  name: 'can',
  kind: 'list',
  get: ({ capabilities }) => Object.entries(capabilities).flatMap(([name, can]) => (can ? [name] : [])),
};
const CANNOT: Column<Model> = {
  name: 'cannot',
  kind: 'list',
  get: ({ capabilities }) => Object.entries(capabilities).flatMap(([name, can]) => (can ? [] : [name])),
};

export default class ModelShow extends PhonectlCommand<Model | Model[]> {
  static override summary = 'Shows models with what they can do and which firmware is supported.';
  static override examples = ['phonectl model show VVX450', 'phonectl model show SIP-T54W 8841 --json'];
  static override args = { models: string({ multiple: true, required: true, description: 'Names, in any spelling.' }) };
  static override flags = viewFlags;
  static override view = showView<Model>([...MODEL_COLUMNS.map(({ extra: _, ...column }) => column), CAN, CANNOT]);

  override async run(): Promise<Model | Model[]> {
    const { args } = await this.parse(ModelShow);
    const found: Model[] = [];
    for (const model of await this.references(args.models)) {
      found.push(await this.phonectl.models.show({ model }, { signal: this.signal }));
    }
    return found.length === 1 ? found[0]! : found;
  }
}
