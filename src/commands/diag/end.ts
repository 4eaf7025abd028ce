import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

export default class DiagEnd extends ControlCommand {
  static override summary = 'Ends the diagnosis of phones: what was set for it goes, captures are cancelled.';
  static override description =
    'Log settings, uploads and recordings are again what the profiles say. A capture that is to be kept has to be stopped ' +
    'before: `phonectl diag capture stop`. What is set where shows `phonectl diag list`.';
  static override examples = ['phonectl diag end reception', 'phonectl diag end --all --yes'];
  static override flags = controlCommandFlags;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagEnd);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'end the diagnosis of',
      doing: 'Ending the diagnosis',
      run: (input) => this.phonectl.diagnoses.end(input, { signal: this.signal }),
    });
  }
}
