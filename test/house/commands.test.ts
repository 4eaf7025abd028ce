/** What holds for every command: help, flags, words; and the contract that scripts rely on. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhonectlCommand } from '../../src/cli/base.ts';
import { ENVIRONMENT } from '../../src/cli/help-topics.ts';
import { TOPICS } from '../../src/cli/topics.ts';
import {
  type CommandEntry,
  commandSnapshot,
  loadCommands,
  operationSnapshot,
  RESULTS_FILE,
  ROOT,
  resultSnapshot,
} from '../../tools/catalogue.ts';
import { generatePages } from '../../tools/docs.ts';
import { stripComments } from './source.ts';

describe('every command', () => {
  let commands: CommandEntry[];

  before(async () => {
    commands = await loadCommands();
  });

  function breaking(rule: (entry: CommandEntry) => boolean): string[] {
    return commands.filter((entry) => !rule(entry)).map(({ id }) => id);
  }

  it('is a PhonectlCommand', () => {
    assert.deepEqual(
      breaking(({ command }) => command.prototype instanceof PhonectlCommand),
      [],
    );
  });

  it('has a summary: one sentence', () => {
    assert.deepEqual(
      breaking(({ command }) => /^[A-Z][^\n]*\.$/.test(command.summary ?? '')),
      [],
    );
  });

  it('has two examples or more', () => {
    assert.deepEqual(
      breaking(({ command }) => (command.examples ?? []).length >= 2),
      [],
    );
  });

  it('shows examples that call it with flags that it has', () => {
    const wrong = commands.flatMap(({ id, command, flags }) =>
      command.examples.flatMap((example) => {
        const text = typeof example === 'string' ? example : example.command;
        const call = text.split(/[|;]|\s>|\s--\s/).find((part) => part.includes(`phonectl ${id.replaceAll(':', ' ')}`));
        if (call === undefined) return [`${id}: does not call it: ${text}`];
        const used = [...call.matchAll(/\s--(no-)?([a-z][\w-]*)/g)].map(
          (match) => [match[0].trim(), match[2]!, Boolean(match[1])] as const,
        );
        return used
          .filter(
            ([whole, name, negated]) => !(whole.slice(2) in flags) && !(negated && flags[name]?.type === 'boolean'),
          )
          .map(([whole]) => `${id}: has no ${whole}: ${text}`);
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('says what each flag and argument is, in a sentence', () => {
    const wrong = commands.flatMap(({ id, command, flags }) => [
      ...Object.entries(flags)
        .filter(([, flag]) => !flag.hidden && !/^['A-Z–-].*\.$/.test(flag.summary ?? flag.description ?? ''))
        .map(([name]) => `${id} --${name}`),
      ...Object.entries(command.args ?? {})
        .filter(([, arg]) => !/^.*\.$/.test(arg.description ?? ''))
        .map(([name]) => `${id} ${name.toUpperCase()}`),
    ]);
    assert.deepEqual(wrong, []);
  });

  it('leaves -h to the help', () => {
    assert.deepEqual(
      breaking(({ flags }) => !Object.values(flags).some(({ char }) => char === 'h')),
      [],
    );
  });

  it('takes no secret in a flag', () => {
    const secret = /password|secret|passphrase|(^|-)token$|(^|-)key$/;
    const plain = commands.flatMap(({ id, flags }) =>
      Object.entries(flags)
        .filter(
          ([name, flag]) =>
            flag.type === 'option' &&
            !flag.hidden &&
            secret.test(name) &&
            !/-file$/.test(name) &&
            flag.helpValue !== 'FILE',
        )
        .map(([name]) => `${id} --${name}`),
    );
    assert.deepEqual(plain, []);
  });

  it('that adds, edits, deletes, imports or replaces has --dry-run and --yes', () => {
    const writes = /(^|:)(add|edit|delete|import|replace|remove|approve)$/;
    assert.deepEqual(
      breaking(({ id, flags }) => !writes.test(id) || ('dry-run' in flags && 'yes' in flags)),
      [],
    );
  });

  it('that lists has the flags of lists', () => {
    assert.deepEqual(
      breaking(
        ({ id, flags }) =>
          !/(^|:)list$/.test(id) ||
          ['columns', 'sort', 'filter', 'search', 'limit', 'page'].every((name) => name in flags),
      ),
      [],
    );
  });

  it('belongs to a topic that has a description', () => {
    const topics = new Set(
      commands.flatMap(({ id }) =>
        id
          .split(':')
          .slice(0, -1)
          .map((_, index, words) => words.slice(0, index + 1).join(':')),
      ),
    );
    assert.deepEqual(
      [...topics].filter((topic) => !(topic in TOPICS)),
      [],
    );
  });

  it('is the same as in the snapshot (npm run snapshots)', async () => {
    const expected = JSON.parse(readFileSync(join(ROOT, 'test/house/snapshots/commands.json'), 'utf8'));
    assert.deepEqual(JSON.parse(JSON.stringify(await commandSnapshot())), expected);
  });
});

describe('the contract of the SDK', () => {
  it('every operation is the same as in the snapshot (npm run snapshots)', async () => {
    const expected = JSON.parse(readFileSync(join(ROOT, 'test/house/snapshots/operations.json'), 'utf8'));
    assert.deepEqual(JSON.parse(JSON.stringify(await operationSnapshot())), expected);
  });

  it('every operation answers what its schema says (npm run snapshots)', async function () {
    this.timeout(60_000);
    const expected = JSON.parse(readFileSync(RESULTS_FILE, 'utf8'));
    assert.deepEqual(JSON.parse(JSON.stringify(await resultSnapshot())), expected);
  });
});

describe('the reference pages', () => {
  it('are what npm run docs writes now', async () => {
    const pages = await generatePages();
    const onDisk = globSync(['cli/*.md', 'errors.md'], { cwd: join(ROOT, 'docs') }).sort();
    assert.deepEqual(onDisk, [...pages.keys()].sort());
    const stale = [...pages]
      .filter(([path, text]) => readFileSync(join(ROOT, 'docs', path), 'utf8') !== text)
      .map(([path]) => path);
    assert.deepEqual(stale, []);
  });

  it('phonectl help environment names every variable that the source reads', () => {
    const read = new Set<string>();
    for (const file of globSync('src/**/*.ts', { cwd: ROOT })) {
      const source = stripComments(readFileSync(join(ROOT, file), 'utf8'));
      for (const match of source.matchAll(/\b(?:env\['?|env\.|env: ')(PHONECTL_[A-Z_]+)/g)) read.add(match[1]!);
    }
    assert.deepEqual(
      [...read].filter((name) => !(name in ENVIRONMENT)),
      [],
    );
  });
});
