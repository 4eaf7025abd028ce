import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { FirmwareVerdict } from '../../sdk/models/model.ts';

export default class ModelCheck extends PhonectlCommand<FirmwareVerdict> {
  static override summary = 'Says whether a firmware version of a model is supported.';
  static override description = 'Exit status 0 for supported, 3 for unsupported, 5 when no rule is known.';
  static override examples = [
    'phonectl model check SIP-T46S --firmware 66.86.0.15',
    'phonectl model check VVX450 --firmware 5.9.1 --json',
  ];
  static override args = { model: string({ required: true, description: 'Name, in any spelling.' }) };
  static override flags = {
    ...viewFlags,
    firmware: stringFlag({ summary: 'The version.', helpValue: 'VERSION', required: true }),
  };
  static override view = showView<FirmwareVerdict>([
    { name: 'model' },
    { name: 'vendor' },
    { name: 'firmware' },
    { name: 'status', kind: 'state' },
    { name: 'edition' },
    { name: 'reason' },
  ]);

  override async run(): Promise<FirmwareVerdict> {
    const { args, flags } = await this.parse(ModelCheck);
    const verdict = await this.phonectl.models.check(
      { model: args.model, firmware: flags.firmware },
      { signal: this.signal },
    );
    this.exitWith({ supported: EXIT.ok, unsupported: EXIT.failed, unknown: EXIT.notFound }[verdict.status]);
    return verdict;
  }
}
