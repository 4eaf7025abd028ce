import { boolean, string } from '@oclif/core/flags';
import { type ControlBatch, controlExit, controlFlags } from '../../cli/control.ts';
import { type FirmwareAnswer, FirmwareCommand } from '../../cli/firmware-command.ts';
import { writeFlags } from '../../cli/flags.ts';
import { pushLines } from '../../cli/pushing.ts';
import { deviceArgs, selectorFlags } from '../../cli/selector.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import { textView } from '../../cli/view.ts';

// The name is taken by what is brought (DEV-58).
const { firmware: running, ...otherSelectors } = selectorFlags;

export default class DeviceUpdate extends FirmwareCommand {
  static override summary = 'Brings chosen devices firmware, a file, or their configuration (DEV-58).';
  static override description =
    'The same as `firmware rollout`, `resource push` and `config push`, begun from the devices. One of --firmware, ' +
    '--resource and --config says which. Firmware goes in waves that stop themselves, one phone of each model first; with ' +
    '--skip the phones get it at their next poll. Phones that run a certain release are selected with --running.';
  static override examples = [
    'phonectl device update reception bar-2 --config',
    "phonectl device update --vendor poly --running '<6.4.8' --firmware 6.4.8.1234 --at 22:30",
    'phonectl device update --group lobby --resource logo.png --fitting',
    'phonectl device update --site Berlin --firmware 6.4.8.1234 --dry-run',
  ];
  static override args = deviceArgs;
  static override flags = {
    firmware: string({
      summary: 'Bring this firmware: name or number of an image, or a version.',
      helpValue: 'IMAGE',
      exclusive: ['resource', 'config'],
    }),
    resource: string({
      summary: 'Give this file. Repeatable, one of each type.',
      helpValue: 'RESOURCE',
      multiple: true,
      exclusive: ['config'],
    }),
    config: boolean({ summary: 'Bring the configuration that they should run.' }),
    fitting: boolean({ summary: 'With --firmware, --resource: leave out devices that it is nothing for.' }),
    downgrade: boolean({ summary: 'With --firmware: also phones that run something newer.', dependsOn: ['firmware'] }),
    force: boolean({ summary: 'With --firmware: also phones in a call.', dependsOn: ['firmware'] }),
    param: string({
      summary: 'With --resource: the parameter for the file, where phonectl knows none.',
      helpValue: 'NAME',
      dependsOn: ['resource'],
    }),
    ...otherSelectors,
    running,
    ...controlFlags,
    ...writeFlags,
  };

  override async run(): Promise<FirmwareAnswer> {
    const { args, flags } = await this.parse(DeviceUpdate);
    const { firmware, resource, config, running: release, ...others } = flags;
    // What the selector calls firmware.
    const chosen = { ...others, firmware: release };
    if (firmware !== undefined) {
      return this.bring(flags.skip === true ? 'push' : 'rollout', firmware, args.devices, chosen);
    }
    this.view(textView<ControlBatch>(pushLines, controlExit));
    if (resource !== undefined) return this.#give(resource, args.devices, chosen);
    if (!config) throw new UsageValueError('Say what is brought: --firmware IMAGE, --resource RESOURCE or --config.');
    if (flags.fitting) throw new UsageValueError('--fitting belongs to --firmware or --resource.');
    return this.act({
      flags: chosen,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'bring their configuration to',
      doing: 'Bringing the configuration',
      run: (input) => this.phonectl.pushes.push(input, { signal: this.signal }),
    });
  }

  #give(
    resources: readonly string[],
    devices: readonly string[] | undefined,
    flags: Parameters<typeof this.act>[0]['flags'] & { readonly fitting: boolean; readonly param?: string | undefined },
  ): Promise<ControlBatch> {
    const wish = {
      resources: [...resources],
      ...(flags.param !== undefined && { param: flags.param }),
      ...(flags.fitting && { fitting: true }),
    };
    return this.act({
      flags,
      devices,
      effect: 'disruptive',
      verb: `give ${resources.join(' and ')} to`,
      doing: 'Bringing files',
      run: (input) => this.phonectl.resources.push({ ...input, ...wish }, { signal: this.signal }),
    });
  }
}
