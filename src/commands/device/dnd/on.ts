import { string } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../../cli/control-command.ts';

export default class DeviceDndOn extends ControlCommand {
  static override summary = 'Switches do not disturb on.';
  static override description =
    'For all accounts of a phone, unless one is named; phones switch all of theirs at once, so one can be named only where it ' +
    'is the only one. Success means that the phone says or reports it.';
  static override examples = [
    'phonectl device dnd on reception',
    'phonectl device dnd on --all --yes',
    'phonectl device dnd on reception --account 1001',
  ];
  static override flags = {
    ...controlCommandFlags,
    account: string({ summary: 'Only for this account.', helpValue: 'USER' }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceDndOn);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'write',
      verb: 'switch do not disturb on on',
      doing: 'Switching do not disturb on',
      run: (input) =>
        this.phonectl.commands.dnd(
          { ...input, on: true, ...(flags.account !== undefined && { account: flags.account }) },
          { signal: this.signal },
        ),
    });
  }
}
