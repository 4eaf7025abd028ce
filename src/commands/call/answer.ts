import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class CallAnswer extends ControlCommand {
  static override summary = 'Answers the call that rings at phones.';
  static override description = 'Success means that the phone shows or reports it.';
  static override examples = ['phonectl call answer reception', 'phonectl call answer --group hotline --yes'];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallAnswer);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'answer the call of',
      doing: 'Answering',
      run: (input) => this.phonectl.calls.answer(input, { signal: this.signal }),
    });
  }
}
