import type { ControlBatch } from '../../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../../cli/control-command.ts';

export default class DiagCaptureCancel extends ControlCommand {
  static override summary = 'Ends packet captures and keeps nothing of them.';
  static override examples = [
    'phonectl diag capture cancel reception',
    'phonectl diag capture cancel --site Berlin --json',
  ];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagCaptureCancel);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'write',
      verb: 'cancel the captures of',
      doing: 'Cancelling captures',
      run: (input) => this.phonectl.captures.cancel(input, { signal: this.signal }),
    });
  }
}
