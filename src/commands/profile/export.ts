import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';

export default class ProfileExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes profiles as configuration files, one alone or several in a ZIP archive.';
  static override description =
    'Your own profiles only; all of them when none is named. One alone is the file of its vendor, unless --out ends in ' +
    '.zip. Secrets stand as ********, which an import leaves out; --reveal writes them, and is recorded.';
  static override examples = [
    'phonectl profile export --out profiles.zip',
    'phonectl profile export berlin > berlin.cfg',
    'phonectl profile export berlin paris --out two.zip --reveal',
  ];
  static override args = {
    profiles: string({ multiple: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = {
    ...outFlag,
    reveal: boolean({ summary: 'Write the secrets; this needs its permission and is recorded.' }),
  };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(ProfileExport);
    const profiles = args.profiles === undefined ? undefined : await this.references(args.profiles);
    const alone = profiles?.length === 1 && !flags.out.toLowerCase().endsWith('.zip');
    const chunks = this.phonectl.profiles.export(
      { profiles, reveal: flags.reveal, form: alone ? 'file' : 'zip' },
      { signal: this.signal },
    );
    await this.writeTo(flags.out, chunks);
    return undefined;
  }
}
