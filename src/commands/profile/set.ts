import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeFlags, changeInput, profileArg, readParameters } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileSet extends PushingCommand<ProfileWritten> {
  static override summary = 'Sets parameters of a profile.';
  static override description =
    'Names and values are checked against the catalogue of the vendor; upper and lower case do not matter. A secret is ' +
    'given as NAME=@file:FILE, NAME=@stdin or NAME=@ask, never in the open. @resource:NAME stands for the address of a ' +
    'resource. With --dry-run the plan is shown and nothing happens.';
  static override examples = [
    'phonectl profile set auto-answer call.autoAnswer.SIP=1',
    'phonectl profile set berlin tcpIpApp.sntp.address=ntp.example.net voIpProt.server.1.expires=300 --dry-run',
    'phonectl profile set wifi device.wifi.wpa2Ent.password=@file:wifi.txt -m "New key"',
    'phonectl profile set lab my.own.parameter=1 --custom',
  ];
  static override args = {
    ...profileArg,
    parameters: string({ multiple: true, required: true, description: 'The parameters, as NAME=VALUE.' }),
  };
  static override flags = {
    ...changeFlags,
    custom: boolean({ summary: 'Take parameters that no catalogue knows.' }),
  };
  static override view = profileWrittenView('changed');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileSet);
    const set = await readParameters(this.prompts, args.parameters);
    return await this.phonectl.profiles.set(
      { ...changeInput(flags), profile: args.profile, set, custom: flags.custom },
      { signal: this.signal },
    );
  }
}
