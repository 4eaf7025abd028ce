import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { DEVICE_DETAILS } from '../../cli/columns/devices.ts';
import { inspectionLines } from '../../cli/columns/inspection.ts';
import { viewFlags } from '../../cli/flags.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import type { Style } from '../../cli/style.ts';
import { cleanText } from '../../cli/text.ts';
import { showView } from '../../cli/view.ts';
import type { Inspection, InspectionPart } from '../../sdk/control/inspect.ts';
import type { DeviceDetails } from '../../sdk/devices/device.ts';

type Shown = DeviceDetails & { readonly inspection?: Inspection };

const PARTS: readonly InspectionPart[] = ['extended', 'network', 'call', 'provision', 'profiles', 'files'];

export default class DeviceShow extends PhonectlCommand<Shown | Shown[]> {
  static override summary = 'Shows everything known of devices: lines, groups, facts, profile.';
  static override description =
    '--extended, --network and --call ask the phone itself; each fact says where it comes from and when it was true, and ' +
    'what the phone does not tell stands there with the reason (DEV-34..37).';
  static override examples = [
    'phonectl device show 00:04:f2:ab:cd:ef',
    'phonectl device show reception 1001 --json',
    'phonectl device show reception --extended --network --call',
    'phonectl device show reception --profiles --files --provision',
    'phonectl device show reception --reveal',
  ];
  static override args = requiredDeviceArgs;
  static override flags = {
    ...viewFlags,
    extended: boolean({ summary: 'Also SIP URI and user, uptime, last restart.' }),
    network: boolean({ summary: 'Also its network settings.' }),
    call: boolean({ summary: 'Also its calls, with number and name of the far end.' }),
    provision: boolean({ summary: 'Also what it was served, when, and with what result.' }),
    profiles: boolean({ summary: 'Also the profiles that reach it, low to high.' }),
    files: boolean({ summary: 'Also its files: given to it, sent by it, put there for it.' }),
    reveal: boolean({ summary: 'Show the secrets of its CSV profile; this is recorded.' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };
  static override view = showView<Shown>(DEVICE_DETAILS, { nameField: 'mac', more });

  override async run(): Promise<Shown | Shown[]> {
    const { args, flags } = await this.parse(DeviceShow);
    const references = await this.references(args.devices);
    const parts = PARTS.filter((part) => flags[part as 'call']);
    const options = { signal: this.signal };
    const found: Shown[] = [];
    for (const device of references) {
      const details = await this.phonectl.devices.show({ device, reveal: flags.reveal }, options);
      if (parts.length === 0) found.push(details);
      else {
        const input = { device, parts, ...(flags['plain-basic'] && { plainBasic: true }) };
        found.push({ ...details, inspection: await this.phonectl.control.inspect(input, options) });
      }
    }
    return found.length === 1 && found[0] !== undefined ? found[0] : found;
  }
}

function more(device: Shown, style: Style): readonly string[] {
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
    ...(device.inspection === undefined ? [] : inspectionLines(device.inspection, style)),
  ];
}
