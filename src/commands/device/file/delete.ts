import { DeleteDeviceFiles } from '../../../cli/device-file-commands.ts';

export default class DeviceFileDelete extends DeleteDeviceFiles {
  static override summary = 'Deletes files that a device sent, or that were put there for it.';
  static override examples = [
    'phonectl device file delete reception 0004f2abcdef-directory.xml',
    'phonectl device file delete reception 0004f2abcdef-directory.xml --yes',
  ];
}
