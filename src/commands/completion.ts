import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../cli/base.ts';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../cli/completion-scripts.ts';

export default class Completion extends PhonectlCommand<undefined> {
  static override summary = 'Prints the completion script of a shell.';
  static override description = 'The first line of the script says where it belongs.';
  static override examples = [
    'source <(phonectl completion bash)',
    'phonectl completion zsh >> ~/.zshrc',
    'phonectl completion fish > ~/.config/fish/completions/phonectl.fish',
  ];
  static override args = { shell: string({ required: true, options: [...SHELLS], description: 'The shell.' }) };
  static override usesSdk = false;

  override async run(): Promise<undefined> {
    const { args } = await this.parse(Completion);
    await this.out.write(COMPLETION_SCRIPTS[args.shell as Shell]);
    await this.out.flush();
    return undefined;
  }
}
