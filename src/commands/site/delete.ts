import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { SitesDeleted } from '../../sdk/sites/write.ts';

export default class SiteDelete extends PushingCommand<SitesDeleted> {
  static override summary = 'Deletes sites.';
  static override description =
    'Devices that follow their addresses go to the sites that these say. Pinned devices keep a site unless --migrate ' +
    'is given; then they follow their addresses too. Accounts go to the site above.';
  static override examples = [
    'phonectl site delete Berlin',
    'phonectl site delete Berlin --migrate --recursive --yes',
    'phonectl site delete Berlin Paris --dry-run',
  ];
  static override args = {
    sites: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = {
    ...pushFlags,
    recursive: boolean({ char: 'r', summary: 'Delete the sites below, too.' }),
    migrate: boolean({ summary: 'Let pinned devices follow their addresses to other sites.' }),
  };
  static override view = textView<SitesDeleted>((result, style) => [
    ...result.deleted.map((name) => `${style.paint('green', style.symbol('ok'))} Site ${cleanText(name)} deleted.`),
    ...(result.devicesMoved > 0 ? [`${count(result.devicesMoved, 'device')} moved to the site of their address.`] : []),
    ...(result.accountsMoved > 0 ? [`${count(result.accountsMoved, 'account')} went to the site above.`] : []),
  ]);

  override async run(): Promise<SitesDeleted> {
    const { args, flags } = await this.parse(SiteDelete);
    const input = {
      sites: await this.references(args.sites),
      recursive: flags.recursive,
      migrate: flags.migrate,
    };
    const plan = await this.phonectl.sites.delete({ ...input, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    const { length } = plan.deleted;
    await this.confirm(
      'destructive',
      length,
      `delete ${count(length, 'site')} and move ${count(plan.devicesMoved, 'device')}`,
    );
    return await this.phonectl.sites.delete(input, { signal: this.signal });
  }
}
