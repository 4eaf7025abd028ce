import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { count } from '../../cli/text.ts';
import { listView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { Finding } from '../../sdk/profiles/lint.ts';

export default class ProfileLint extends PhonectlCommand<Finding[]> {
  static override summary = 'Looks for what is wrong with profiles.';
  static override description =
    'Values out of range, passwords that may not be, missing images, what phones will ignore, what another profile ' +
    'beats. Exit status 12 when there are errors; warnings alone are 0. Of one name in one profile the last edit counts; ' +
    'of several profiles in one place, the one with the higher priority.';
  static override examples = ['phonectl profile lint', 'phonectl profile lint berlin --json'];
  static override args = { profiles: string({ multiple: true, description: 'Names or ids; all when none is named.' }) };
  static override flags = viewFlags;
  static override view = listView<Finding>(
    [
      { name: 'profile' },
      { name: 'param' },
      { name: 'severity', kind: 'state' },
      { name: 'reason' },
      { name: 'remedy', priority: 2 },
    ],
    { empty: 'Nothing is wrong.' },
  );

  override async run(): Promise<Finding[]> {
    const { args } = await this.parse(ProfileLint);
    const profiles = args.profiles === undefined ? undefined : await this.references(args.profiles);
    const findings = await Array.fromAsync(this.phonectl.profiles.lint({ profiles }, { signal: this.signal }));
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    if (errors > 0) this.exitWith(EXIT.invalidData);
    this.noteAfter(async () => (errors > 0 ? count(errors, 'error') : undefined));
    return findings;
  }
}
