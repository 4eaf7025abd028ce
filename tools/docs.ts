/** `npm run docs`: writes the reference pages from the commands and tables themselves. A test holds them up to date. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Interfaces } from '@oclif/core';
import { ENVIRONMENT, exitRows, HELP_TOPICS } from '../src/cli/help-topics.ts';
import { TOPICS } from '../src/cli/topics.ts';
import { ERROR_CODES } from '../src/sdk/errors.ts';
import { type CommandEntry, loadCommands, ROOT } from './catalogue.ts';

const GENERATED = '<!-- Made by `npm run docs`; edits are lost. -->';

/** Every generated page: path under docs/ → text. */
export async function generatePages(): Promise<Map<string, string>> {
  const commands = (await loadCommands()).filter(({ command }) => !command.hidden);
  const pages = new Map<string, string>();
  const byTopic = Map.groupBy(commands, ({ id }) => (id.includes(':') ? id.split(':')[0]! : ''));
  for (const [topic, entries] of byTopic) {
    if (topic !== '') pages.set(`cli/${topic}.md`, topicPage(topic, entries));
  }
  pages.set('cli/README.md', indexPage(byTopic));
  pages.set('errors.md', errorPage());
  return pages;
}

function indexPage(byTopic: ReadonlyMap<string, readonly CommandEntry[]>): string {
  const topics = [...byTopic.keys()].filter((topic) => topic !== '').sort();
  const single = byTopic.get('') ?? [];
  return page([
    '# The command line',
    'Every command, by topic. `phonectl help COMMAND` says the same.',
    table(
      ['Topic', ''],
      topics.map((topic) => [`[${topic}](${topic}.md)`, TOPICS[topic] ?? '']),
    ),
    ...single.map((entry) => commandSection(entry)),
    ...Object.entries(HELP_TOPICS)
      .filter(([name]) => name === 'output' || name === 'selectors')
      .map(([name, topic]) => `## ${name}\n\n\`\`\`text\n${topic.text()}\n\`\`\``),
    '## environment',
    table(
      ['Variable', 'Meaning'],
      Object.entries(ENVIRONMENT).map(([name, text]) => [`\`${name}\``, text]),
    ),
  ]);
}

function topicPage(topic: string, entries: readonly CommandEntry[]): string {
  return page([`# phonectl ${topic}`, TOPICS[topic] ?? '', ...entries.map((entry) => commandSection(entry))]);
}

function commandSection({ id, command, flags }: CommandEntry): string {
  const args = Object.entries(command.args ?? {}).filter(([, arg]) => !arg.hidden);
  const usage = args.map(([name, arg]) => {
    const text = `${name.toUpperCase()}${arg.multiple ? '…' : ''}`;
    return arg.required ? text : `[${text}]`;
  });
  const own = Object.entries(flags).filter(([, flag]) => !flag.hidden && flag.helpGroup !== 'GLOBAL');
  const aliases = command.aliases.map((alias) => `\`phonectl ${alias.replaceAll(':', ' ')}\``);
  return [
    `## phonectl ${id.replaceAll(':', ' ')}`,
    command.summary ?? '',
    command.description ?? '',
    `\`\`\`text\n${['phonectl', ...id.split(':'), ...usage, '[flags]'].join(' ')}\n\`\`\``,
    `\`\`\`sh\n${command.examples.map((example) => (typeof example === 'string' ? example : example.command)).join('\n')}\n\`\`\``,
    args.length > 0
      ? table(
          ['Argument', ''],
          args.map(([name, arg]) => [`\`${name.toUpperCase()}\``, arg.description ?? '']),
        )
      : '',
    own.length > 0
      ? table(
          ['Flag', ''],
          own.map(([name, flag]) => [flagLabel(name, flag), flagText(flag)]),
        )
      : '',
    aliases.length > 0 ? `Also: ${aliases.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function flagLabel(name: string, flag: Interfaces.FlagInput[string]): string {
  const long = `--${flag.type === 'boolean' && flag.allowNo ? '[no-]' : ''}${name}`;
  const value = flag.type === 'boolean' ? '' : ` ${[flag.helpValue ?? 'VALUE'].flat().join(' ')}`;
  return `\`${flag.char ? `-${flag.char}, ` : ''}${long}${value}\``;
}

function flagText(flag: Interfaces.FlagInput[string]): string {
  const options = flag.type === 'option' && flag.options ? ` One of: ${flag.options.join(', ')}.` : '';
  const env = flag.env ? ` Also \`${flag.env}\`.` : '';
  const required = flag.required ? ' Required.' : '';
  return `${flag.summary ?? flag.description ?? ''}${options}${required}${env}`;
}

function errorPage(): string {
  return page([
    '# Errors and exit statuses',
    'An error says what happened, why, and what to do now. With `--json` it is one line on stderr, and stdout stays empty:',
    '```json\n{"error":{"code":"not_found","message":"…","exitCode":5,"hints":["…"],"details":{}}}\n```',
    'Codes and exit statuses are stable; messages are not.',
    table(['Exit', 'Meaning'], exitRows()),
    table(
      ['Code', 'Exit', 'Meaning'],
      Object.entries(ERROR_CODES).map(([code, { exit, title }]) => [
        `<a id="${code}"></a>\`${code}\``,
        String(exit),
        `${title}.`,
      ]),
    ),
  ]);
}

function page(parts: readonly string[]): string {
  return `${[GENERATED, ...parts.filter((part) => part !== '')].join('\n\n')}\n`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

if (import.meta.main) {
  const docs = join(ROOT, 'docs');
  await rm(join(docs, 'cli'), { recursive: true, force: true });
  for (const [path, text] of await generatePages()) {
    await mkdir(dirname(join(docs, path)), { recursive: true });
    await writeFile(join(docs, path), text);
  }
}
