import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../cli/base.ts';
import { HELP_TOPICS } from '../cli/help-topics.ts';

export default class HelpCommand extends PhonectlCommand<undefined> {
  static override summary = 'Explains a command or a topic.';
  static override examples = ['phonectl help', 'phonectl help device list', 'phonectl help exit-codes'];
  static override args = { words: string({ multiple: true, description: 'Command, topic or help page.' }) };
  static override usesSdk = false;

  override async run(): Promise<undefined> {
    const { args } = await this.parse(HelpCommand);
    const words = args.words ?? [];
    const page = words.length === 1 && Object.hasOwn(HELP_TOPICS, words[0]!) ? HELP_TOPICS[words[0]!] : undefined;
    if (page) {
      await this.out.line(page.text());
      await this.out.flush();
    } else {
      const { showHelp } = await import('../cli/show-help.ts');
      await showHelp(this.config, words);
    }
    return undefined;
  }
}
