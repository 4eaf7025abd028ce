import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../cli/base.ts';
import { choice, yesFlag } from '../cli/flags.ts';
import { askText } from '../cli/prompt.ts';
import { cleanText } from '../cli/text.ts';
import { textView } from '../cli/view.ts';
import type { CreatedHome } from '../sdk/home-admin/create.ts';

export default class Init extends PhonectlCommand<CreatedHome> {
  static override local = true;
  static override summary = 'Makes the home of a fleet: database, sealing key, certificates, default sites.';
  static override description =
    'The home is the folder of --home or PHONECTL_HOME. The sealing key is kept outside it; without the key nobody ' +
    'opens the secrets of a backup. Run again with the same values it changes nothing; an interrupted run is completed.';
  static override examples = [
    'phonectl init --company Acme --url https://prov.example.net --yes',
    'phonectl init --company Acme --url https://10.20.0.5:8443 --also prov.example.net --also 10.20.0.6 --yes',
  ];
  static override flags = {
    ...yesFlag,
    company: string({ summary: 'Name of the company and of its root site.', helpValue: 'NAME' }),
    url: string({ summary: 'Where phones will find the server; begins with https://.', helpValue: 'URL' }),
    also: string({
      summary: 'A further name or address of the server for its certificate. Repeatable.',
      helpValue: 'NAME|IP',
      multiple: true,
    }),
    edition: choice(['enterprise'], { summary: 'What the installation is for.' }),
  };
  static override view = textView<CreatedHome>((result, style) =>
    result.created
      ? [
          `${style.paint('green', style.symbol('ok'))} Home made for ${cleanText(result.company)}: ${result.home}`,
          `  server       ${result.url}`,
          `  certificate  ${result.names.join(', ')}`,
          `  sealing key  ${result.keyFile}  (keep a copy: no backup holds it)`,
          '',
          'Next: phonectl device import FILE, then phonectl serve.',
          'The provisioning account that phones enrol with: phonectl home account --reveal',
        ]
      : `Nothing to do: this home is there already (${result.home}).`,
  );

  override async run(): Promise<CreatedHome> {
    const { flags } = await this.parse(Init);
    const company = flags.company ?? (await askText(this.prompts, { message: 'Company:', flag: '--company' }));
    const url =
      flags.url ?? (await askText(this.prompts, { message: 'URL of the server (https://…):', flag: '--url' }));
    const progress = await this.progress('Making keys and certificates');
    const result = await this.phonectl.init({
      company,
      url,
      ...(flags.also && { also: flags.also }),
      ...(flags.edition && { edition: flags.edition }),
    });
    progress.stop();
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
