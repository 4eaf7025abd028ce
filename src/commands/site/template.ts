import { createReadStream } from 'node:fs';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';
import { assetPath } from '../../sdk/assets.ts';

export default class SiteTemplate extends PhonectlCommand<undefined> {
  static override summary = 'Writes an empty CSV file with notes, to be filled in and imported.';
  static override examples = ['phonectl site template > sites.csv', 'phonectl site template --out sites.csv'];
  static override usesSdk = false;
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(SiteTemplate);
    await this.writeTo(flags.out, createReadStream(assetPath('templates', 'csv', 'sites.csv')));
    return undefined;
  }
}
