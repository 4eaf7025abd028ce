import { string } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';
import { keyValues } from '../../cli/flags.ts';

export default class ParamSet extends ControlCommand {
  static override summary = 'Sets parameters in the own layer of phones, above what they fetch.';
  static override description =
    'The phone keeps the values in its web layer (PROF-36), where they win over profiles until `phonectl device reset ' +
    '--scope web` clears it; for values that should last, use a profile. Success means that the phone says that it has ' +
    'them; some make it restart by itself.';
  static override examples = [
    'phonectl param set reception --set up.backlight.idleIntensity=1',
    'phonectl param set --site Berlin --set feature.doNotDisturb.enable=1 --yes',
  ];
  static override flags = {
    ...controlCommandFlags,
    set: string({
      summary: 'A parameter and its value; repeat it for more.',
      required: true,
      multiple: true,
      helpValue: 'NAME=VALUE',
    }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(ParamSet);
    const parameters = keyValues(flags.set, 'set') ?? {};
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'set parameters of',
      doing: 'Setting parameters',
      run: (input) => this.phonectl.parameters.set({ ...input, parameters }, { signal: this.signal }),
    });
  }
}
