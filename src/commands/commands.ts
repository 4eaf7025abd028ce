import type { Config } from '@oclif/core/config';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../cli/base.ts';
import { listFlags } from '../cli/flags.ts';
import { listView, textView } from '../cli/view.ts';

interface CommandFacts {
  command: string;
  summary: string;
  arguments: string[];
  flags: string[];
}

export default class Commands extends PhonectlCommand<CommandFacts[]> {
  static override summary = 'Lists every command.';
  static override examples = ['phonectl commands', 'phonectl commands --tree', 'phonectl commands --json'];
  static override flags = { ...listFlags, tree: boolean({ summary: 'Draw the commands as a tree.' }) };
  static override usesSdk = false;
  static override view = listView<CommandFacts>([
    { name: 'command' },
    { name: 'summary' },
    { name: 'arguments', kind: 'list', extra: true },
    { name: 'flags', kind: 'list', extra: true },
  ]);

  override async run(): Promise<CommandFacts[]> {
    const { flags } = await this.parse(Commands);
    if (flags.tree) this.view(textView<CommandFacts[]>(treeLines));
    return factsOf(this.config);
  }
}

function factsOf(config: Config): CommandFacts[] {
  return config.commands
    .filter((command) => !command.hidden)
    .map((command) => ({
      command: command.id.replaceAll(':', ' '),
      summary: command.summary ?? '',
      arguments: Object.keys(command.args),
      flags: Object.entries(command.flags)
        .filter(([, flag]) => !flag.hidden)
        .map(([name]) => name),
    }))
    .sort((a, b) => a.command.localeCompare(b.command));
}

function treeLines(commands: readonly CommandFacts[]): string[] {
  const lines = ['phonectl'];
  let above: string[] = [];
  for (const { command, summary } of commands) {
    const words = command.split(' ');
    let depth = 0;
    while (depth < words.length - 1 && above[depth] === words[depth]) depth += 1;
    for (; depth < words.length - 1; depth += 1) lines.push(`${'  '.repeat(depth + 1)}${words[depth]}`);
    lines.push(`${'  '.repeat(words.length)}${words.at(-1)!.padEnd(14)} ${summary}`);
    above = words;
  }
  return lines;
}
