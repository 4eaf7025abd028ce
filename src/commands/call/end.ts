import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class CallEnd extends ControlCommand {
  static override summary = 'Ends the call of phones.';
  static override description = 'Success means that the phone shows or reports it.';
  static override examples = ['phonectl call end reception', 'phonectl call end --group hotline --yes'];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallEnd);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'end the call of',
      doing: 'Ending the calls',
      run: (input) => this.phonectl.calls.end(input, { signal: this.signal }),
    });
  }
}
