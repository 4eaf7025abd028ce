import { string as stringArg } from '@oclif/core/args';
import { integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { bytesText } from '../../cli/file-size.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Resource } from '../../sdk/resources/resources.ts';

/** RES-06. */
const RECOMMENDED_MB = 50;

export default class ResourceAdd extends PhonectlCommand<Resource | { file: string; size: number | null }> {
  static override summary = 'Adds a file that phones can fetch: a ring tone, a picture, a language.';
  static override description =
    'The ending decides what it is. Phones fetch it under its file name below the provisioning URL; a parameter refers ' +
    'to it as @resource:NAME. A file named 000000000000-… is given to every phone that has none of its own.';
  static override examples = [
    'phonectl resource add ring.wav --description "House ring tone"',
    'phonectl resource add ./000000000000-directory.xml --name directory',
    'phonectl resource add - --file logo.png --model "VVX 450" < logo.png',
  ];
  static override args = { path: stringArg({ required: true, description: 'The file; - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    file: string({ summary: 'Name that phones ask for, instead of the name of the file.', helpValue: 'NAME' }),
    name: string({ summary: 'Name for people, instead of the name of the file.', helpValue: 'NAME' }),
    description: string({ summary: 'What it is for.', helpValue: 'TEXT' }),
    model: string({ summary: 'Model that it suits. Repeatable.', helpValue: 'MODEL', multiple: true }),
    'max-size': integer({ summary: 'Refuse a file of more megabytes than this.', helpValue: 'MB', min: 1 }),
  };
  static override view = textView<Resource | { file: string; size: number | null }>((result, style) =>
    'sha256' in result
      ? [
          `${style.paint('green', style.symbol('ok'))} Resource ${cleanText(result.name)}: ${bytesText(result.size)}, ` +
            `SHA-256 ${result.sha256}`,
          result.url,
        ]
      : `Would add ${result.file}.`,
  );

  override async run(): Promise<Resource | { file: string; size: number | null }> {
    const { args, flags } = await this.parse(ResourceAdd);
    const { openInput } = await import('../../cli/streams.ts');
    const { basename } = process.getBuiltinModule('node:path');
    const file = flags.file ?? (args.path === '-' ? undefined : basename(args.path));
    if (file === undefined) throw new PhonectlError('usage', 'What comes from stdin has no name: give it with --file.');
    const input = await openInput(args.path);
    if (flags['dry-run']) return { file, size: input.size ?? null };
    if ((input.size ?? 0) > RECOMMENDED_MB * 1024 * 1024) {
      this.warning(`${input.name} is larger than ${RECOMMENDED_MB} MB; phones may have no room for it (RES-06).`);
    }
    await this.progress(`Adding ${input.name}`);
    return await this.phonectl.resources.add(
      {
        source: input.stream,
        file,
        ...(flags.name !== undefined && { name: flags.name }),
        ...(flags.description !== undefined && { description: flags.description }),
        ...(flags.model !== undefined && { models: flags.model }),
        ...(flags['max-size'] !== undefined && { maxSize: flags['max-size'] * 1024 * 1024 }),
      },
      { signal: this.signal },
    );
  }
}
