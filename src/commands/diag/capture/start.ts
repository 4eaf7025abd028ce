import { boolean, integer, string } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../../cli/control-command.ts';

export default class DiagCaptureStart extends ControlCommand {
  static override summary = 'Starts packet captures on phones.';
  static override description =
    'The phone keeps the last packets in its memory, up to --max-mb, until the capture is stopped: by you, or by the server ' +
    'after --max-minutes. Stopped captures are kept, cancelled ones are not. Phones refuse while packet capture is switched ' +
    'off on them; --enable switches it on for this capture, which may restart the phone.';
  static override examples = [
    'phonectl diag capture start reception --enable',
    "phonectl diag capture start reception --filter 'port 5060' --max-minutes 10",
  ];
  static override flags = {
    ...controlCommandFlags,
    filter: string({ summary: "Only these packets, in the phone's own syntax.", helpValue: 'TEXT' }),
    'max-mb': integer({ summary: 'How much is kept, 1 to 10. Default 10.', helpValue: 'N', min: 1, max: 10 }),
    'max-minutes': integer({
      summary: 'When it is stopped at the latest, 1 to 2880. Default 60.',
      helpValue: 'N',
      min: 1,
      max: 2880,
    }),
    enable: boolean({ summary: 'Switch packet capture on where it is off, and off again afterwards.' }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagCaptureStart);
    const { filter, 'max-mb': megabytes, 'max-minutes': minutes, enable } = flags;
    const wish = {
      ...(filter !== undefined && { filter }),
      ...(megabytes !== undefined && { megabytes }),
      ...(minutes !== undefined && { minutes }),
      ...(enable && { enable }),
    };
    return this.act({
      flags,
      devices: args.devices,
      effect: enable ? 'disruptive' : 'write',
      verb: 'start a capture on',
      doing: 'Starting captures',
      run: (input) => this.phonectl.captures.start({ ...input, ...wish }, { signal: this.signal }),
    });
  }
}
