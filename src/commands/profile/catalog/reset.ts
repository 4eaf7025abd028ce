import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { choice, writeFlags } from '../../../cli/flags.ts';
import { textView } from '../../../cli/view.ts';
import type { CatalogReset } from '../../../sdk/catalogs/catalogs.ts';

export default class ProfileCatalogReset extends PhonectlCommand<CatalogReset> {
  static override summary = 'Takes an uploaded schema away; the shipped catalogue counts again.';
  static override examples = [
    'phonectl profile catalog reset',
    'phonectl profile catalog reset --software "UCS 6.4.8" --dry-run',
  ];
  static override flags = {
    ...writeFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'The vendor; poly when not given.' }),
    software: string({
      summary: 'Only the schema of this firmware image, by its software profile.',
      helpValue: 'NAME',
    }),
  };
  static override view = textView<CatalogReset>(
    (_, style) => `${style.paint('green', style.symbol('ok'))} The shipped catalogue counts again.`,
  );

  override async run(): Promise<CatalogReset> {
    const { flags } = await this.parse(ProfileCatalogReset);
    return await this.phonectl.catalogs.reset(
      { vendor: flags.vendor ?? 'poly', software: flags.software, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
