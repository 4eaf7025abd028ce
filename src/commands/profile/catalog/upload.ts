import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { cleanText, count } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { UploadedCatalog } from '../../../sdk/catalogs/catalogs.ts';

export default class ProfileCatalogUpload extends PhonectlCommand<UploadedCatalog> {
  static override summary = "Takes over the parameters of a Poly firmware's schema (polycomConfig.xsd).";
  static override description =
    'Names, types, ranges and defaults are then those of the schema, over the shipped ones. With --software it counts ' +
    'for the profiles of that firmware image only.';
  static override examples = [
    'phonectl profile catalog upload polycomConfig.xsd',
    'phonectl profile catalog upload Config/polycomConfig.xsd --software "UCS 6.4.8" --dry-run',
  ];
  static override args = { file: string({ required: true, description: 'The schema, - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    software: stringFlag({ summary: 'Name of the software profile of the image.', helpValue: 'NAME' }),
  };
  static override view = textView<UploadedCatalog>(
    ({ source, attributes, parameters, added }, style) =>
      `${style.paint('green', style.symbol('ok'))} ${cleanText(source)}: ${count(attributes, 'attribute')}, that is ` +
      `${count(parameters, 'parameter')} and families, ${added} of them new.`,
  );

  override async run(): Promise<UploadedCatalog> {
    const { args, flags } = await this.parse(ProfileCatalogUpload);
    const { openInput } = await import('../../../cli/streams.ts');
    const { stream, name } = await openInput(args.file);
    return await this.phonectl.catalogs.upload(
      { source: stream, name: name.replace(/^.*[/\\]/, ''), software: flags.software, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
