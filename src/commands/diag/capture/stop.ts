import type { ControlBatch } from '../../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../../cli/control-command.ts';

export default class DiagCaptureStop extends ControlCommand {
  static override summary = 'Stops packet captures and fetches what they hold.';
  static override description =
    'The phone sends its capture to the server, so `phonectl serve` has to run. Success means that it is there. Take it with ' +
    '`phonectl diag capture download`; it is kept for as many days as logs are.';
  static override examples = [
    'phonectl diag capture stop reception',
    'phonectl diag capture stop --site Berlin --json',
  ];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagCaptureStop);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'write',
      verb: 'stop the captures of',
      doing: 'Stopping captures',
      run: (input) => this.phonectl.captures.stop(input, { signal: this.signal }),
    });
  }
}
