import { string } from '@oclif/core/args';
import { committedLines, radius } from '../../cli/columns/plans.ts';
import { changeFlags, changeInput } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { ProfilesDeleted } from '../../sdk/profiles/write.ts';

export default class ProfileDelete extends PushingCommand<ProfilesDeleted> {
  static override summary = 'Deletes profiles and their assignments.';
  static override description =
    'config rollback brings them back. The CSV profile of a device (`MAC_csv_profile`) can be deleted too; that is no ' +
    'revision, and a new import brings it back.';
  static override examples = [
    'phonectl profile delete auto-answer',
    'phonectl profile delete berlin paris --yes',
    'phonectl profile delete 0004f2000001_csv_profile --dry-run',
  ];
  static override args = {
    profiles: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = changeFlags;
  static override view = textView<ProfilesDeleted>((result, style) =>
    committedLines(
      `${result.deleted.length === 1 ? 'Profile' : 'Profiles'} ${result.deleted.map(cleanText).join(', ')} deleted.`,
      result,
      style,
    ),
  );

  override async run(): Promise<ProfilesDeleted> {
    const { args, flags } = await this.parse(ProfileDelete);
    const input = { ...changeInput(flags), profiles: await this.references(args.profiles) };
    if (flags['dry-run']) return await this.phonectl.profiles.delete(input, { signal: this.signal });
    const plan = await this.phonectl.profiles.delete({ ...input, dryRun: true }, { signal: this.signal });
    const { length } = plan.deleted;
    await this.confirm('destructive', length, `delete ${count(length, 'profile')} (${radius(plan.plan)})`);
    return await this.phonectl.profiles.delete(input, { signal: this.signal });
  }
}
