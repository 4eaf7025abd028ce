/** Help as people read it: what it does, then examples, then the rest. Loaded by oclif's `helpClass`. */
import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';
import { findCommand } from './find.ts';
import { HELP_TOPICS } from './help-topics.ts';
import { unknownCommand } from './hooks/command-not-found.ts';

class ExamplesFirst extends CommandHelp {
  /** `phonectl device list [DEVICES...] [flags]`: the flags are listed below, grouped and with words. */
  protected override defaultUsage(): string {
    const args = Object.values(this.command.args)
      .filter((arg) => !arg.hidden)
      .map((arg) => `${this.arg(arg)}${arg.multiple ? '...' : ''}`);
    return [this.command.id, ...args, '[flags]'].join(' ');
  }

  protected override sections(): ReturnType<CommandHelp['sections']> {
    const sections = super.sections();
    const named = (header: string): ReturnType<CommandHelp['sections']> =>
      sections.filter((section) => section.header === header);
    const first = [...named('USAGE'), ...named('EXAMPLES')];
    return [...first, ...sections.filter((section) => !first.includes(section))];
  }
}

export default class PhonectlHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;

  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter((argument) => !argument.startsWith('-'));
    const id = words.join(':');
    if (words.length > 0 && !findCommand(words, this.config) && !this.config.findTopic(id))
      throw unknownCommand(id, this.config);
    await super.showHelp(argv);
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const rows = Object.entries(HELP_TOPICS).map(([name, topic]): [string, string] => [`help ${name}`, topic.summary]);
    this.log(
      this.section(
        'MORE HELP',
        this.renderList(rows, { indentation: 2, spacer: '\n', stripAnsi: this.opts.stripAnsi ?? false }),
      ),
    );
    this.log('');
    this.log(this.section('FIRST STEPS', FIRST_STEPS.map((line) => `$ ${line}`).join('\n')));
  }

  /** oclif writes the id with spaces into the command itself, after which nothing finds it by its id any more. */
  protected override formatCommand(command: Command.Loadable): string {
    return super.formatCommand({ ...command });
  }
}

const FIRST_STEPS = [
  'phonectl init --company Acme --url https://prov.example.net',
  'phonectl device import phones.csv --dry-run',
  'phonectl serve',
];
