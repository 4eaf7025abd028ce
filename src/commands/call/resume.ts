import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class CallResume extends ControlCommand {
  static override summary = 'Takes the held call of phones back.';
  static override description = 'Success means that the phone shows or reports it.';
  static override examples = ['phonectl call resume reception', 'phonectl call resume --group hotline --yes'];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallResume);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'resume the call of',
      doing: 'Resuming',
      run: (input) => this.phonectl.calls.resume(input, { signal: this.signal }),
    });
  }
}
