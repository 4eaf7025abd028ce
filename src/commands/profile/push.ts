import { planLines } from '../../cli/columns/plans.ts';
import { profileArg } from '../../cli/profile-flags.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { ProfilePushed } from '../../sdk/profiles/push.ts';

export default class ProfilePush extends PushingCommand<ProfilePushed> {
  static override summary = 'Lets a profile that is assigned by hand (--manual) take effect on phones.';
  static override description =
    'As the profile is now; later changes of it wait for the next push. The phones get it at their next contact.';
  static override examples = [
    'phonectl profile push kiosk --group lobby',
    'phonectl profile push kiosk reception 1007 --dry-run',
  ];
  static override args = { ...profileArg, ...deviceArgs };
  static override flags = { ...selectorFlags, ...pushFlags };
  static override view = textView<ProfilePushed>(({ profile, devices, skipped, plan }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${cleanText(profile)}: ${count(devices, 'phone')}` +
      `${skipped > 0 ? `; ${count(skipped, 'device')} not concerned` : ''}.`,
    ...planLines(plan, style),
  ]);

  override async run(): Promise<ProfilePushed> {
    const { args, flags } = await this.parse(ProfilePush);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    return await this.phonectl.profiles.push(
      { profile: args.profile, selector, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
