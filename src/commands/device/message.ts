import { integer, string } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class DeviceMessage extends ControlCommand {
  static override summary = 'Puts a text on the screens of devices.';
  static override description =
    'A phone answers that it took the text, or fetches it; none tells whether somebody read it. Poly phones show it until ' +
    'it is removed, whatever the duration.';
  static override examples = [
    "phonectl device message reception --text 'Please call back'",
    "phonectl device message --site Berlin --text 'Maintenance at 22:00' --duration 120",
  ];
  static override flags = {
    ...controlCommandFlags,
    text: string({ summary: 'What is shown; all scripts.', required: true, helpValue: 'TEXT' }),
    duration: integer({
      summary: 'Seconds that it stays, as far as the phone can be told; 0: until it is removed. Default 30.',
      helpValue: 'SECONDS',
      min: 0,
      max: 86_400,
    }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceMessage);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'write',
      verb: 'show a text on',
      doing: 'Sending the text',
      run: (input) =>
        this.phonectl.commands.message(
          { ...input, text: flags.text, ...(flags.duration !== undefined && { seconds: flags.duration }) },
          { signal: this.signal },
        ),
    });
  }
}
