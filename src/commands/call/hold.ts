import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class CallHold extends ControlCommand {
  static override summary = 'Puts the connected call of phones on hold.';
  static override description = 'Success means that the phone shows or reports it.';
  static override examples = ['phonectl call hold reception', 'phonectl call hold --group hotline --yes'];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallHold);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'hold the call of',
      doing: 'Holding',
      run: (input) => this.phonectl.calls.hold(input, { signal: this.signal }),
    });
  }
}
