import { boolean, custom } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { diffLines } from '../../cli/columns/explain.ts';
import { parseRevision } from '../../cli/revision.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { ConfigDiff } from '../../sdk/explain/diff.ts';

export default class ConfigCompare extends PhonectlCommand<ConfigDiff> {
  static override summary =
    'Compares what devices should have with what they run, were served, or would get by a revision.';
  static override description =
    'Devices with the same differences are shown as one group. The other side stands on the left of the arrow. ' +
    'With --against running the phones are asked.';
  static override examples = [
    'phonectl config diff lobby',
    'phonectl config diff lobby --against running',
    'phonectl config diff --site Berlin --against 41',
    'phonectl config diff --all --exit-code --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    against: custom<'running' | 'served' | number>({
      summary: 'The other side: what the phones run, what they were served, or the number of a revision.',
      helpValue: 'running|served|REV',
      default: 'served',
      parse: async (text) =>
        text === 'running' || text === 'served' ? text : parseRevision(text, 'running, served or 41'),
    })(),
    'exit-code': boolean({ summary: 'Exit with 20 when something differs.' }),
  };
  static override view = textView<ConfigDiff>(diffLines);

  override async run(): Promise<ConfigDiff> {
    const { args, flags } = await this.parse(ConfigCompare);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const result = await this.phonectl.configs.diff({ selector, against: flags.against }, { signal: this.signal });
    if (flags['exit-code'] && result.summary.different > 0) this.exitWith(EXIT.differences);
    return result;
  }
}
