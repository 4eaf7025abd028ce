import { string as stringArg } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { type ControlBatch, controlExit } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';
import { pushLines } from '../../cli/pushing.ts';
import { deviceArgs } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';

export default class ResourcePush extends ControlCommand {
  static override summary = 'Gives a file to devices: a picture, a ring tone, a language.';
  static override description =
    'Each phone is told by its own parameter to fetch the file, above what profiles say, and only if it suits the phone. ' +
    'A phone that is away gets it at its next contact. Which parameters those are stands in templates/resources.yaml; ' +
    'name another one with --param.';
  static override examples = [
    'phonectl resource push logo.png --site Berlin',
    'phonectl resource push logo.png --also bell.wav --group lobby --fitting',
    'phonectl resource push logo.png --model "VVX 450" --param bg.medRes.gray.bm.1.name --at 22:30',
  ];
  static override args = {
    resource: stringArg({ required: true, description: 'Name or number of the resource.' }),
    ...deviceArgs,
  };
  static override flags = {
    also: string({ summary: 'A further one of another type. Repeatable.', helpValue: 'RESOURCE', multiple: true }),
    param: string({ summary: 'The parameter for the file, where phonectl knows none.', helpValue: 'NAME' }),
    fitting: boolean({ summary: 'Leave out devices that it does not suit, instead of refusing the whole.' }),
    ...controlCommandFlags,
  };

  static override view = textView<ControlBatch>(pushLines, controlExit);

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(ResourcePush);
    const wish = {
      resources: [args.resource, ...(flags.also ?? [])],
      ...(flags.param !== undefined && { param: flags.param }),
      ...(flags.fitting && { fitting: true }),
    };
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: `give ${wish.resources.join(' and ')} to`,
      doing: 'Bringing files',
      run: (input) => this.phonectl.resources.push({ ...input, ...wish }, { signal: this.signal }),
    });
  }
}
