import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../cli/base.ts';
import { complete } from '../cli/completion.ts';
import { cleanText } from '../cli/text.ts';

export default class Complete extends PhonectlCommand<undefined> {
  static override summary = 'Says what can stand at the cursor; the completion scripts call it.';
  static override examples = ['phonectl complete -- device li', "phonectl complete -- device list --site ''"];
  static override hidden = true;
  static override args = { words: string({ multiple: true, description: 'The words up to the cursor, behind --.' }) };

  override async run(): Promise<undefined> {
    const { args } = await this.parse(Complete);
    const candidates = await complete(this.config, args.words ?? [], () => this.phonectl);
    for (const { value, description } of candidates)
      await this.out.line(`${cleanText(value)}\t${cleanText(description)}`);
    await this.out.flush();
    return undefined;
  }
}
