import { string } from '@oclif/core/flags';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeFlags, changeInput, profileArg } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileEdit extends PushingCommand<ProfileWritten> {
  static override summary = 'Changes the name, description or models of a profile.';
  static override description = 'Its parameters: phonectl profile set, phonectl profile unset.';
  static override examples = [
    'phonectl profile edit no-answer --name auto-answer',
    'phonectl profile edit hotel --description "Guest rooms" --for-model T31P --for-model T33G',
  ];
  static override args = profileArg;
  static override flags = {
    ...changeFlags,
    name: string({ summary: 'New name.', helpValue: 'NAME' }),
    description: string({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
    'for-model': string({
      summary: 'A model that it is meant for, instead of those before; all for all. Repeatable.',
      helpValue: 'MODEL',
      multiple: true,
    }),
    software: string({
      summary: 'Firmware image that the phones are to have, by its software profile; none for none.',
      helpValue: 'NAME',
    }),
  };
  static override view = profileWrittenView('changed');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileEdit);
    const models = flags['for-model'];
    const fields = {
      name: flags.name,
      description: flags.description,
      software: flags.software === 'none' ? null : flags.software,
    };
    if (Object.values({ ...fields, models }).every((value) => value === undefined)) {
      throw new UsageValueError('Nothing to change was given.');
    }
    return await this.phonectl.profiles.edit(
      {
        ...changeInput(flags),
        ...fields,
        profile: args.profile,
        models: models?.length === 1 && models[0] === 'all' ? [] : models,
      },
      { signal: this.signal },
    );
  }
}
