import { string } from '@oclif/core/args';
import { namesArg, ScopeCommand, unsetFlags } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigModelUnset extends ScopeCommand {
  static override summary = 'Takes away what was set for the phones of a model: its template.';
  static override description = 'Lower layers then decide, or the default of the phone.';
  static override examples = [
    'phonectl config model unset "VVX 450" up.backlight.timeout --dry-run',
    'phonectl config model unset "VVX 450" up.backlight.timeout --push',
  ];
  static override args = { model: string({ required: true, description: 'Name of the model.' }), ...namesArg };
  static override flags = unsetFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigModelUnset);
    return await this.unsetAt({ model: args.model }, args.parameters, flags);
  }
}
