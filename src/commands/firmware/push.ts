import { type FirmwareAnswer, FirmwareCommand, firmwareArgs, firmwareFlags } from '../../cli/firmware-command.ts';

export default class FirmwarePush extends FirmwareCommand {
  static override summary = 'Brings firmware to devices, at once or at a time.';
  static override description =
    'As `firmware rollout` without canary and limit, for some phones: one that is away is pending and gets the image at its ' +
    'next contact, and with --skip all of them do at their next poll.';
  static override examples = [
    'phonectl firmware push 6.4.8.1234 reception bar-2',
    'phonectl firmware push "T54W 86.100" --group lobby --at 22:30 --no-wait',
    'phonectl firmware push 6.4.8.1234 --site Berlin --skip --yes',
  ];
  static override args = firmwareArgs;
  static override flags = firmwareFlags;

  override async run(): Promise<FirmwareAnswer> {
    const { args, flags } = await this.parse(FirmwarePush);
    return this.bring('push', args.firmware, args.devices, flags);
  }
}
