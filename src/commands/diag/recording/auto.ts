import { boolean } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../../cli/control-command.ts';
import { switched, UNTIL_ENDED } from '../../../cli/diagnosis-command.ts';

export default class DiagRecordingAuto extends ControlCommand {
  static override summary = 'Makes phones send their recordings to our server when they end, or stop doing so.';
  static override description = `They are kept for as many days as logs are. ${UNTIL_ENDED}`;
  static override examples = [
    'phonectl diag recording auto boardroom --on',
    'phonectl diag recording auto boardroom --off',
  ];
  static override flags = {
    ...controlCommandFlags,
    on: boolean({ summary: 'Send them.', exclusive: ['off'] }),
    off: boolean({ summary: 'Keep them on the phone.' }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagRecordingAuto);
    const on = switched(flags);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'write',
      verb: on ? 'fetch the recordings of' : 'leave the recordings on',
      doing: 'Telling the phones',
      run: (input) => this.phonectl.diagnoses.recordingAuto({ ...input, on }, { signal: this.signal }),
    });
  }
}
