import { custom } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';

const RESET_SCOPES = ['web', 'local', 'device', 'all', 'factory'] as const;

export default class DeviceReset extends ControlCommand {
  static override summary = 'Resets devices: what was set at them, or everything.';
  static override description =
    'The scopes: web (its web page, REST), local (its keys), device (network and provisioning), all three, or factory. The ' +
    'files in which the phone keeps that layer on the server go with it, else it would have them again (DEV-49). After ' +
    'device, all and factory the phone knows neither its login nor its password: its enrolment window is opened again, and ' +
    'it comes back as soon as it finds the server.';
  static override examples = [
    'phonectl device reset reception --scope web',
    'phonectl device reset --group loaners --scope factory --yes',
  ];
  static override flags = {
    ...controlCommandFlags,
    scope: custom<(typeof RESET_SCOPES)[number]>({ options: RESET_SCOPES })({
      summary: 'What is reset.',
      required: true,
    }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceReset);
    return this.act({
      flags,
      devices: args.devices,
      effect: 'destructive',
      verb: `reset (${flags.scope})`,
      doing: 'Resetting',
      run: (input) => this.phonectl.commands.reset({ ...input, scope: flags.scope }, { signal: this.signal }),
    });
  }
}
