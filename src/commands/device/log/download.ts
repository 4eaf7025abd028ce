import { DownloadDeviceFile } from '../../../cli/device-file-commands.ts';

export default class DeviceLogDownload extends DownloadDeviceFile {
  static override summary = 'Writes the bytes of a log of a device.';
  static override description =
    'In logs and settings that the phone sent, what is known to be secret, or is called so, is replaced by asterisks ' +
    'without --show-secrets.';
  static override examples = [
    'phonectl device log download reception 0004f2abcdef-app.log',
    'phonectl device log download reception 0004f2abcdef-app.log --out ./0004f2abcdef-app.log',
  ];
}
