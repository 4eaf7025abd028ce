import { string } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class DeviceKey extends ControlCommand {
  static override summary = 'Presses keys of devices, one after the other.';
  static override description =
    'Names: 0 to 9, star, pound, up, down, left, right, ok, delete, home, mute, redial, volume-up, volume-down, headset, ' +
    "speaker, soft1, line1 …; any other name is taken as the phone's own. Success means that the phone answers that it " +
    'took them.';
  static override examples = [
    'phonectl device key reception --press home',
    'phonectl device key reception --press 1 --press 2 --press ok',
  ];
  static override flags = {
    ...controlCommandFlags,
    press: string({ summary: 'A key; repeat it for more.', required: true, multiple: true, helpValue: 'KEY' }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceKey);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'press keys of',
      doing: 'Pressing keys',
      run: (input) => this.phonectl.commands.key({ ...input, keys: flags.press }, { signal: this.signal }),
    });
  }
}
