import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { DEVICE_COLUMNS } from '../../cli/columns/devices.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { listView } from '../../cli/view.ts';
import type { Kind } from '../../domain/device.ts';
import type { Device } from '../../sdk/devices/device.ts';

export default class DeviceList extends PhonectlCommand<AsyncIterable<Device>> {
  static override summary = 'Lists the devices.';
  static override description =
    'Searches names, MACs, addresses, accounts, descriptions, sites and groups. Statuses: registered, unregistered, offline, quarantined, replaced, online, in-call, partial, aged, unknown.';
  static override examples = [
    'phonectl device list',
    'phonectl device list --site Berlin --status offline',
    "phonectl device list --vendor poly --firmware '<6.4' --json",
    'phonectl device list --attention',
  ];
  static override aliases = ['device:ls'];
  static override args = deviceArgs;
  static override flags = {
    ...listFlags,
    ...selectorFlags,
    attention: boolean({ summary: 'Only devices that need a human.' }),
    kind: string({
      summary: 'Only this kind. Repeatable.',
      options: ['sip', 'usb', 'room', 'dect', 'codec'],
      multiple: true,
    }),
    origin: string({ summary: 'How it came in. Repeatable.', options: ['manual', 'csv', 'auto'], multiple: true }),
  };
  static override view = listView<Device>(DEVICE_COLUMNS, {
    nameField: 'mac',
    empty: 'No devices fit. Add some: phonectl device import FILE',
    sdk: ['search', 'sort', 'limit'],
  });

  override async run(): Promise<AsyncIterable<Device>> {
    const { args, flags } = await this.parse(DeviceList);
    const selector = toSelector(flags, await this.references(args.devices));
    this.noteAfter(async () => {
      const { total, attention } = await this.phonectl.devices.count({});
      return `${count(total, 'device')}${attention > 0 ? ` · ${attention.toLocaleString('en-US')} need you: --attention` : ''}`;
    });
    return this.phonectl.devices.list(
      {
        ...selector,
        ...this.query(),
        ...(flags.attention && { attention: true }),
        ...(flags.kind && { kinds: flags.kind as Kind[] }),
        ...(flags.origin && { origins: flags.origin as ('manual' | 'csv' | 'auto')[] }),
      },
      { signal: this.signal },
    );
  }
}
