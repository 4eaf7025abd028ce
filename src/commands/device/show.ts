import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { DEVICE_DETAILS } from '../../cli/columns/devices.ts';
import { viewFlags } from '../../cli/flags.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import type { Style } from '../../cli/style.ts';
import { cleanText } from '../../cli/text.ts';
import { showView } from '../../cli/view.ts';
import type { DeviceDetails } from '../../sdk/devices/device.ts';

export default class DeviceShow extends PhonectlCommand<DeviceDetails | DeviceDetails[]> {
  static override summary = 'Shows everything known of devices: lines, groups, facts, profile.';
  static override examples = [
    'phonectl device show 00:04:f2:ab:cd:ef',
    'phonectl device show reception 1001 --json',
    'phonectl device show reception --reveal',
  ];
  static override args = requiredDeviceArgs;
  static override flags = {
    ...viewFlags,
    reveal: boolean({ summary: 'Show the secrets of its CSV profile; this is recorded.' }),
  };
  static override view = showView<DeviceDetails>(DEVICE_DETAILS, { nameField: 'mac', more });

  override async run(): Promise<DeviceDetails | DeviceDetails[]> {
    const { args, flags } = await this.parse(DeviceShow);
    const references = await this.references(args.devices);
    const found: DeviceDetails[] = [];
    for (const device of references) {
      found.push(await this.phonectl.devices.show({ device, reveal: flags.reveal }, { signal: this.signal }));
    }
    return found.length === 1 && found[0] !== undefined ? found[0] : found;
  }
}

function more(device: DeviceDetails, style: Style): readonly string[] {
  const lines = device.lines.map(
    ({ line, account, extension, displayName, server }) =>
      `  ${line}  ${cleanText(account)}  ${cleanText(extension)}  ${cleanText(displayName)}  ${cleanText(server)}`,
  );
  const parameters = Object.entries(device.csvProfile?.parameters ?? {}).map(
    ([name, value]) => `  ${cleanText(name)} = ${cleanText(value)}`,
  );
  return [
    ...(lines.length > 0 ? ['', style.paint('bold', 'Lines'), ...lines] : []),
    ...(parameters.length > 0 ? ['', style.paint('bold', device.csvProfile?.name ?? ''), ...parameters] : []),
  ];
}
