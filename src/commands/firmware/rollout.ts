import { type FirmwareAnswer, FirmwareCommand, firmwareArgs, firmwareFlags } from '../../cli/firmware-command.ts';

export default class FirmwareRollout extends FirmwareCommand {
  static override summary = 'Brings firmware to devices in waves that stop themselves.';
  static override description =
    'Each phone is given the image when its turn comes and not before, and has done it when it reports the release. One ' +
    'phone of each model goes first, and above 5 % of failures nothing else begins, unless told otherwise (--canary, ' +
    '--max-failures). Where a direct step is impossible, phones take the steps between by themselves. Phones that failed or ' +
    'were not begun keep what they run. See what would happen with --dry-run, and how it went with `firmware report`.';
  static override examples = [
    'phonectl firmware rollout 6.4.8.1234 --vendor poly --dry-run',
    'phonectl firmware rollout 6.4.8.1234 --site Berlin --canary 2 --batch 20% --window 22:00-05:00 --max-failures 5%',
    'phonectl firmware rollout "T54W 86.100" --group lobby --at 22:30 --no-wait',
    'phonectl firmware rollout 6.4.8.1234 --all --fitting --yes --json',
  ];
  static override args = firmwareArgs;
  static override flags = firmwareFlags;

  override async run(): Promise<FirmwareAnswer> {
    const { args, flags } = await this.parse(FirmwareRollout);
    return this.bring('rollout', args.firmware, args.devices, flags);
  }
}
