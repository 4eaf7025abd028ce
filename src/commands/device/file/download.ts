import { DownloadDeviceFile } from '../../../cli/device-file-commands.ts';

export default class DeviceFileDownload extends DownloadDeviceFile {
  static override summary = 'Writes the bytes of a file of a device.';
  static override description =
    'In logs and settings that the phone sent, what is known to be secret, or is called so, is replaced by asterisks ' +
    'without --show-secrets.';
  static override examples = [
    'phonectl device file download reception 0004f2abcdef-directory.xml',
    'phonectl device file download reception 0004f2abcdef-directory.xml --out ./0004f2abcdef-directory.xml',
  ];
}
