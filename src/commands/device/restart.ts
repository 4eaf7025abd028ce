import { boolean } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class DeviceRestart extends ControlCommand {
  static override summary = 'Restarts the application of devices, which is shorter than a reboot.';
  static override description =
    'Success means that the phone was seen to come back. A phone in a call is left alone without --force; phones that only ' +
    'know a reboot are not applicable.';
  static override examples = ['phonectl device restart reception', 'phonectl device restart --site Berlin --yes'];
  static override flags = { ...controlCommandFlags, force: boolean({ summary: 'Also phones in a call.' }) };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceRestart);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'restart',
      doing: 'Restarting',
      run: (input) =>
        this.phonectl.commands.restart({ ...input, ...(flags.force && { force: true }) }, { signal: this.signal }),
    });
  }
}
