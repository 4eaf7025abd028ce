import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { bytesText } from '../../cli/file-size.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { Resource } from '../../sdk/resources/resources.ts';

export default class ResourceEdit extends PushingCommand<Resource> {
  static override summary = 'Changes what is said of a resource, or replaces its file.';
  static override examples = [
    'phonectl resource edit ring.wav --description "New ring tone"',
    'phonectl resource edit ring.wav --content ./new-ring.wav',
  ];
  static override args = { resource: stringArg({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...pushFlags,
    content: string({ summary: 'File whose bytes take the place of the old ones; - for stdin.', helpValue: 'PATH' }),
    file: string({ summary: 'Name that phones ask for.', helpValue: 'NAME' }),
    name: string({ summary: 'Name for people.', helpValue: 'NAME' }),
    description: string({ summary: 'What it is for.', helpValue: 'TEXT' }),
    model: string({ summary: 'Model that it suits. Repeatable.', helpValue: 'MODEL', multiple: true }),
  };
  static override view = textView<Resource>(
    ({ name, size, sha256 }, style) =>
      `${style.paint('green', style.symbol('ok'))} Resource ${cleanText(name)}: ${bytesText(size)}, SHA-256 ${sha256}`,
  );

  override async run(): Promise<Resource> {
    const { args, flags } = await this.parse(ResourceEdit);
    const { openInput } = await import('../../cli/streams.ts');
    const content = flags.content === undefined ? undefined : await openInput(flags.content);
    return await this.phonectl.resources.edit(
      {
        resource: args.resource,
        dryRun: flags['dry-run'],
        ...(content !== undefined && { source: content.stream }),
        ...(flags.file !== undefined && { file: flags.file }),
        ...(flags.name !== undefined && { name: flags.name }),
        ...(flags.description !== undefined && { description: flags.description }),
        ...(flags.model !== undefined && { models: flags.model }),
      },
      { signal: this.signal },
    );
  }
}
