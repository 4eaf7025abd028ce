import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { profileImportedView } from '../../cli/columns/profiles.ts';
import { choice } from '../../cli/flags.ts';
import { changeFlags, changeInput } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ProfileImported } from '../../sdk/profiles/import.ts';

export default class ProfileImport extends PushingCommand<ProfileImported> {
  static override summary = "Takes over a phone's configuration file as a profile.";
  static override description =
    'Poly (any XML with parameters as attributes), Yealink (.cfg), Cisco (flat-profile XML, gzip too); which, is seen from ' +
    'the file. A profile of that name gets the parameters; what the file says wins. From files that phones write themselves ' +
    '(-web.cfg, -phone.cfg, -local.cfg) nothing is taken over that decides who holds the phone, unless --protected says so.';
  static override examples = [
    'phonectl profile import site.cfg',
    'phonectl profile import common.cfg hotel --vendor yealink --dry-run',
    'phonectl profile import - berlin --replace < berlin.xml',
  ];
  static override args = {
    file: string({ required: true, description: 'The file, - for stdin.' }),
    profile: string({ description: 'Name of the profile; by default that of the file.' }),
  };
  static override flags = {
    ...changeFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'The vendor, where the file does not show it.' }),
    replace: boolean({ summary: 'Take away what the profile holds and the file does not.' }),
    protected: boolean({
      summary: 'Take over logins, provisioning, certificates and control, or with --no-protected leave them out.',
      allowNo: true,
    }),
  };
  static override view = profileImportedView();

  override async run(): Promise<ProfileImported> {
    const { args, flags } = await this.parse(ProfileImport);
    const { openInput } = await import('../../cli/streams.ts');
    const { stream, name } = await openInput(args.file);
    return await this.phonectl.profiles.import(
      {
        ...changeInput(flags),
        source: stream,
        name: name.replace(/^.*[/\\]/, ''),
        profile: args.profile,
        vendor: flags.vendor,
        replace: flags.replace,
        protected: flags.protected,
      },
      { signal: this.signal },
    );
  }
}
