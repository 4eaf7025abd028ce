import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { explainLines } from '../../cli/columns/explain.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import type { ExplainedParameter } from '../../sdk/explain/explain.ts';

export default class ConfigExplain extends PhonectlCommand<readonly ExplainedParameter[]> {
  static override summary = 'Says where each parameter of a device comes from, and what it beat.';
  static override description =
    'Without PARAM all of them; * stands for any text. Secrets stand as asterisks. With --software it explains which ' +
    'firmware image the device gets, with --download-path where it fetches it from.';
  static override examples = [
    'phonectl config explain lobby call.autoAnswer.SIP',
    "phonectl config explain lobby 'reg.1.*' --json",
    'phonectl config explain 00:04:f2:ab:cd:ef --software --download-path',
  ];
  static override args = {
    ...requiredDeviceArg,
    params: string({ multiple: true, description: 'Names of parameters; * stands for any text.' }),
  };
  static override flags = {
    software: boolean({ summary: 'Which firmware image it gets, and why.' }),
    'download-path': boolean({ summary: 'Where it fetches firmware from, and why.' }),
  };
  static override view = textView<readonly ExplainedParameter[]>(explainLines);

  override async run(): Promise<readonly ExplainedParameter[]> {
    const { args, flags } = await this.parse(ConfigExplain);
    const [device = ''] = await this.references([args.device]);
    return await this.phonectl.configs.explain(
      {
        device,
        params: [args.params ?? []].flat(),
        software: flags.software,
        downloadPath: flags['download-path'],
      },
      { signal: this.signal },
    );
  }
}
