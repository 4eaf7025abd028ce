import { string } from '@oclif/core/args';
import { boolean, custom, string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeInput, newProfileFlags, readParameters } from '../../cli/profile-flags.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

const VENDORS = ['poly', 'yealink', 'cisco'] as const;

export default class ProfileAdd extends PhonectlCommand<ProfileWritten> {
  static override summary = 'Adds a configuration profile.';
  static override description =
    'A profile is a small bag of parameters of one vendor: one feature, one task. It reaches phones when it is assigned. ' +
    'A secret is given as NAME=@file:FILE, NAME=@stdin or NAME=@ask, never in the open.';
  static override examples = [
    'phonectl profile add auto-answer --vendor poly call.autoAnswer.SIP=1',
    'phonectl profile add push --vendor poly apps.push.username=push apps.push.password=@ask',
    'phonectl profile add hotel --vendor yealink --description "Guest rooms" --for-model T31P',
  ];
  static override args = {
    name: string({ required: true, description: 'Name of the new profile.' }),
    parameters: string({ multiple: true, description: 'First parameters, as NAME=VALUE.' }),
  };
  static override flags = {
    ...newProfileFlags,
    vendor: custom<(typeof VENDORS)[number]>({ options: [...VENDORS] })({
      summary: 'The vendor whose phones it is for.',
      required: true,
    }),
    description: stringFlag({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
    'for-model': stringFlag({
      summary: 'A model that it is meant for; none means all of the vendor. Repeatable.',
      helpValue: 'MODEL',
      multiple: true,
    }),
    software: stringFlag({
      summary: 'Firmware image that the phones are to have, by its software profile.',
      helpValue: 'NAME',
    }),
    custom: boolean({ summary: 'Take parameters that no catalogue knows.' }),
  };
  static override view = profileWrittenView('added');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileAdd);
    return await this.phonectl.profiles.add(
      {
        ...changeInput(flags),
        name: args.name,
        vendor: flags.vendor,
        description: flags.description,
        models: flags['for-model'],
        software: flags.software,
        set: await readParameters(this.prompts, args.parameters),
        custom: flags.custom,
      },
      { signal: this.signal },
    );
  }
}
