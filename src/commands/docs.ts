import { readdir, readFile } from 'node:fs/promises';
import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../cli/base.ts';
import { viewFlags } from '../cli/flags.ts';
import { didYouMean } from '../cli/suggest.ts';
import { listView, textView } from '../cli/view.ts';
import { assetPath } from '../sdk/assets.ts';
import { PhonectlError } from '../sdk/errors.ts';

interface Page {
  readonly topic: string;
  readonly title: string;
}

const OPENAPI: Page = { topic: 'openapi', title: 'The management API, OpenAPI 3.1' };

export default class Docs extends PhonectlCommand<readonly Page[] | Readonly<Record<string, unknown>> | string> {
  static override summary = 'Prints a guide, or the OpenAPI document; without a topic lists them.';
  static override examples = ['phonectl docs', 'phonectl docs api', 'phonectl docs openapi > openapi.json'];
  static override args = { topic: string({ description: 'Name of the guide, or openapi.' }) };
  static override flags = viewFlags;
  static override view = listView<Page>([{ name: 'topic' }, { name: 'title' }]);

  override async run(): Promise<readonly Page[] | Readonly<Record<string, unknown>> | string> {
    const { args } = await this.parse(Docs);
    if (args.topic === OPENAPI.topic) {
      this.view(textView<unknown>((document) => JSON.stringify(document, null, 2)));
      return await this.phonectl.api.document({}, { signal: this.signal });
    }
    const pages = await guides();
    if (args.topic === undefined) return [...pages, OPENAPI];
    const topics = pages.map(({ topic }) => topic);
    if (!topics.includes(args.topic)) {
      const meant = didYouMean(args.topic, [...topics, OPENAPI.topic]);
      throw new PhonectlError('not_found', `There is no guide "${args.topic}".`, {
        hints: [...(meant ? [meant] : []), 'See `phonectl docs`.'],
      });
    }
    this.view(textView<string>((text) => text.trimEnd().split('\n')));
    return await readFile(assetPath('docs', 'guides', `${args.topic}.md`), 'utf8');
  }
}

async function guides(): Promise<Page[]> {
  const files = (await readdir(assetPath('docs', 'guides'))).filter((name) => name.endsWith('.md')).sort();
  return await Promise.all(
    files.map(async (name) => {
      const text = await readFile(assetPath('docs', 'guides', name), 'utf8');
      return { topic: name.slice(0, -3), title: /^# (.+)$/m.exec(text)?.[1] ?? name };
    }),
  );
}
