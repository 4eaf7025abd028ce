/** Help as people read it: what it does, then examples, then the rest. */
import { CommandHelp, Help } from '@oclif/core/help';
import type { Command } from '@oclif/core/command';

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const sections = super.sections();
    const examples = sections.filter(({ header }) => header === 'EXAMPLES');
    const usage = sections.filter(({ header }) => header === this.opts.usageHeader || header === 'USAGE');
    const rest = sections.filter((section) => !examples.includes(section) && !usage.includes(section));
    return [...usage, ...examples, ...rest];
  }
}

export default class PhonectlHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;

  protected override formatCommand(command: Command.Loadable): string {
    return super.formatCommand(command);
  }
}
