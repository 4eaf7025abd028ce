import { boolean, integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, writeFlags } from '../../cli/flags.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DeployPushed } from '../../sdk/deploy/push.ts';
import { EXIT } from '../../sdk/errors.ts';

export default class DeployPush extends PhonectlCommand<DeployPushed> {
  static override summary = 'Leads one phone here at its own address, with its admin login (DEPLOY-06).';
  static override description =
    'For a phone that nobody manages yet. Poly phones are set over their REST API, Cisco phones by their action URLs; ' +
    'of Yealink phones the steps at their web page are shown. It has worked when the phone has come to fetch. Whoever ' +
    'uses a certificate of an own authority gives Cisco phones the bootstrap listener to fetch it from.';
  static override examples = [
    'phonectl deploy push --ip 10.20.3.7 --vendor poly',
    'phonectl deploy push --ip 10.20.3.8 --vendor cisco --bootstrap http://10.20.0.5/ --password-file admin.txt',
    'phonectl deploy push --ip https://10.20.3.9:8443 --user Polycom --no-wait',
  ];
  static override flags = {
    ip: string({ summary: 'Address of the phone, or the URL of its web page.', helpValue: 'ADDRESS', required: true }),
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Whose phone it is, where no device is known there.' }),
    user: string({ char: 'u', summary: "Admin user of the phone; default the vendor's.", helpValue: 'NAME' }),
    ...secretFlags('password', 'admin password of the phone'),
    bootstrap: string({ summary: 'Where the phone fetches our authority over plain HTTP.', helpValue: 'URL' }),
    wait: boolean({ summary: 'Wait until it has come.', allowNo: true, default: true }),
    timeout: integer({
      summary: 'Seconds to wait. Default 120.',
      helpValue: 'SECONDS',
      min: 1,
      max: 3600,
      default: 120,
    }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
    ...writeFlags,
  };
  static override view = textView<DeployPushed>(
    ({ address, vendor, mac, model, firmware, url, result, cameAt, reason, next }, style) => {
      const who = [address, vendor, model, firmware, mac]
        .filter((part) => part !== null)
        .map((part) => cleanText(part));
      const ok = style.paint('green', style.symbol('ok'));
      const said = {
        came: `${ok} It came at ${cameAt}.`,
        told: `${style.paint('yellow', style.symbol('part'))} It was told to come to ${url}, and has not come yet.`,
        'not-applicable': `${style.paint('grey', style.symbol('none'))} Not applicable: ${cleanText(reason ?? '')}.`,
        'dry-run': `Dry run: it would be told to come to ${url}; nothing was sent.`,
      }[result];
      return [who.join(' · '), said, ...next.map((line) => `  - ${cleanText(line)}`)];
    },
    ({ result }) => (result === 'told' ? EXIT.unfinished : EXIT.ok),
  );

  override async run(): Promise<DeployPushed> {
    const { flags } = await this.parse(DeployPush);
    const password = await readSecret(this.prompts, flags, 'password', { message: 'Admin password of the phone:' });
    await this.progress('Talking to the phone');
    return await this.phonectl.deploy.push(
      {
        address: flags.ip,
        vendor: flags.vendor,
        username: flags.user,
        password: password ?? '',
        bootstrap: flags.bootstrap,
        wait: flags.wait ? flags.timeout * 1000 : 0,
        plainBasic: flags['plain-basic'],
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
  }
}
