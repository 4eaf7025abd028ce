import { string } from '@oclif/core/args';
import { ScopeCommand, setFlags, valuesArg } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigModelSet extends ScopeCommand {
  static override summary = 'Sets parameters for the phones of a model: its template.';
  static override description =
    'It lies in a profile of its own, which is made and assigned when it is first set. --push brings it to the phones at once; else they get it at their next poll.';
  static override examples = [
    'phonectl config model set "VVX 450" up.backlight.timeout=30 --dry-run',
    'phonectl config model set "VVX 450" up.backlight.timeout=30 --push',
  ];
  static override args = { model: string({ required: true, description: 'Name of the model.' }), ...valuesArg };
  static override flags = setFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigModelSet);
    return await this.setAt({ model: args.model }, args.parameters, flags);
  }
}
