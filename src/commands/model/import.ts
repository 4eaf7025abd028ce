import { basename } from 'node:path';
import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { openInput } from '../../cli/streams.ts';
import { count } from '../../cli/text.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import { textView } from '../../cli/view.ts';
import type { OverrideWritten } from '../../sdk/models/overrides.ts';

export default class ModelImport extends PhonectlCommand<OverrideWritten> {
  static override summary = 'Adds or changes models by a YAML or JSON file, which is kept in the home.';
  static override description =
    'The file is laid over the shipped ones field by field and survives upgrades. An earlier file of the same name is ' +
    'replaced. `phonectl model template` prints an example, `phonectl model export` models as they are.';
  static override examples = ['phonectl model import my-phones.yaml', 'phonectl model import - --name lab < lab.yaml'];
  static override args = { file: string({ required: true, description: 'YAML or JSON file, - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    name: stringFlag({ summary: 'Name to keep it under; else the name of the file.', helpValue: 'NAME' }),
  };
  static override view = textView<OverrideWritten>(
    (result, style) =>
      `${style.paint('green', style.symbol('ok'))} ${result.file} ${result.outcome}: ${count(result.models.length, 'model')}.`,
  );

  override async run(): Promise<OverrideWritten> {
    const { args, flags } = await this.parse(ModelImport);
    if (args.file === '-' && flags.name === undefined) throw new UsageValueError('--name is required with stdin.');
    const name =
      flags.name ??
      basename(args.file)
        .replace(/\.(ya?ml|json)$/i, '')
        .toLowerCase();
    const { stream } = await openInput(args.file);
    return await this.phonectl.models.import(
      { source: stream, name, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
