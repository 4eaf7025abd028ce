import { DeleteDeviceFiles } from '../../../cli/device-file-commands.ts';

export default class DeviceLogDelete extends DeleteDeviceFiles {
  static override summary = 'Deletes logs that a device sent.';
  static override examples = [
    'phonectl device log delete reception 0004f2abcdef-app.log',
    'phonectl device log delete reception 0004f2abcdef-app.log --yes',
  ];
}
