import { string } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class CallTransfer extends ControlCommand {
  static override summary = 'Transfers the call of phones to another number, without asking there.';
  static override description = 'Success means that the phone shows or reports that the call is gone.';
  static override examples = [
    'phonectl call transfer reception --to 1003',
    'phonectl call transfer 1001 --to 1003 --json',
  ];
  static override flags = {
    ...controlCommandFlags,
    to: string({ summary: 'Number or address.', required: true, helpValue: 'ADDRESS' }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(CallTransfer);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'transfer the call of',
      doing: 'Transferring',
      run: (input) => this.phonectl.calls.transfer({ ...input, to: flags.to }, { signal: this.signal }),
    });
  }
}
