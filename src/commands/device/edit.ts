import { boolean, string } from '@oclif/core/flags';
import { deviceName } from '../../cli/columns/devices.ts';
import { described, describeFlags } from '../../cli/device-flags.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DevicesWritten } from '../../sdk/devices/write.ts';

export default class DeviceEdit extends PushingCommand<DevicesWritten> {
  static override summary = 'Changes devices: name, model, site, addresses, tags, groups.';
  static override examples = [
    'phonectl device edit reception --name front-desk --description "Main entrance"',
    'phonectl device edit 1001 1002 --add-group Sales --tag floor=2',
    'phonectl device edit lobby --unpin',
  ];
  static override args = requiredDeviceArgs;
  static override flags = {
    name: string({ summary: 'New name; empty clears it.', helpValue: 'NAME' }),
    serial: string({ summary: 'Serial number of a device that has none yet.', helpValue: 'SERIAL' }),
    site: string({ summary: 'Site to pin it to.', helpValue: 'SITE' }),
    unpin: boolean({ summary: 'Let its addresses decide its site again.', exclusive: ['site'] }),
    group: string({ summary: 'All its groups, in order of priority. Repeatable.', helpValue: 'GROUP', multiple: true }),
    'add-group': string({ summary: 'Group to add. Repeatable.', helpValue: 'GROUP', multiple: true }),
    'remove-group': string({ summary: 'Group to leave. Repeatable.', helpValue: 'GROUP', multiple: true }),
    'remove-tag': string({ summary: 'Tag to remove. Repeatable.', helpValue: 'KEY', multiple: true }),
    ...describeFlags,
    ...pushFlags,
  };
  static override view = textView<DevicesWritten>(({ devices }, style) =>
    devices.map((device) => `${style.paint('green', style.symbol('ok'))} ${cleanText(deviceName(device))} changed.`),
  );

  override async run(): Promise<DevicesWritten> {
    const { args, flags } = await this.parse(DeviceEdit);
    const result = await this.phonectl.devices.edit({
      devices: [...(await this.references(args.devices))],
      ...described(flags),
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.serial !== undefined && { serial: flags.serial }),
      ...(flags.site !== undefined && { site: flags.site }),
      ...(flags.unpin && { unpin: true }),
      ...(flags.group && { groups: flags.group }),
      ...(flags['add-group'] && { addGroups: flags['add-group'] }),
      ...(flags['remove-group'] && { removeGroups: flags['remove-group'] }),
      ...(flags['remove-tag'] && { removeTags: flags['remove-tag'] }),
      dryRun: flags['dry-run'],
    });
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
