import { createReadStream } from 'node:fs';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';
import { assetPath } from '../../sdk/assets.ts';

export default class ModelTemplate extends PhonectlCommand<undefined> {
  static override summary = 'Writes an example of a model file with notes, to be changed and imported.';
  static override examples = ['phonectl model template > models.yaml', 'phonectl model template --out models.yaml'];
  static override usesSdk = false;
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(ModelTemplate);
    await this.writeTo(flags.out, createReadStream(assetPath('templates', 'models.example.yaml')));
    return undefined;
  }
}
