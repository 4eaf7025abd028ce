import { string as stringArg } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';

interface Pinged {
  readonly key: string;
  readonly callback: string;
}

export default class KeyPing extends PhonectlCommand<Pinged> {
  static override summary = 'Sends a message to the callback address of an access key, to see whether it arrives.';
  static override description = '`phonectl serve` sends it; how it went is in `phonectl key callbacks NAME`.';
  static override examples = ['phonectl key ping crm', 'phonectl key ping crm --json'];
  static override args = { key: stringArg({ required: true, description: 'Name or id.' }) };
  static override view = doneView<Pinged>(
    ({ key, callback }) => `A ping for ${callback} is on its way. How it went: phonectl key callbacks ${key}`,
  );

  override async run(): Promise<Pinged> {
    const { args } = await this.parse(KeyPing);
    return await this.phonectl.keys.ping({ key: args.key }, { signal: this.signal });
  }
}
