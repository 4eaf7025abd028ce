import { PhonectlCommand } from '../../cli/base.ts';
import { MODEL_COLUMNS } from '../../cli/columns/models.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Model } from '../../sdk/models/model.ts';

export default class ModelList extends PhonectlCommand<AsyncIterable<Model>> {
  static override summary = 'Lists the models that phonectl knows.';
  static override description =
    "Models are data: a file in the home's folder models/ adds or changes some; see `phonectl model template`.";
  static override examples = [
    'phonectl model list --vendor poly',
    'phonectl model list --search T5 --json',
    'phonectl model list --filter "deviceCount!=0" --sort -deviceCount',
  ];
  static override aliases = ['model:ls'];
  static override flags = {
    ...listFlags,
    vendor: choice(['poly', 'yealink', 'cisco', 'other'], { summary: 'Only models of this vendor.' }),
  };
  static override view = listView<Model>(MODEL_COLUMNS, { empty: 'No models fit.' });

  override async run(): Promise<AsyncIterable<Model>> {
    const { flags } = await this.parse(ModelList);
    return this.phonectl.models.list({ vendor: flags.vendor }, { signal: this.signal });
  }
}
