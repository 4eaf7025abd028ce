import { integer, string } from '@oclif/core/flags';
import { PROVISIONING_COLUMNS } from '../../../cli/columns/settings.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { pushFlags } from '../../../cli/pushing.ts';
import { PushingCommand } from '../../../cli/pushing-command.ts';
import { showView } from '../../../cli/view.ts';
import type { ProvisioningSettings } from '../../../sdk/settings/provisioning.ts';

const MEGABIT = 125_000;

export default class SettingsProvisioningEdit extends PushingCommand<ProvisioningSettings> {
  static override summary = 'Changes where phones provision and when; they learn of it at their next poll.';
  static override description =
    '--host changes the first label of the address (DEPLOY-21). An empty --download-internet or --download-enterprise ' +
    'takes that path away. A changed address needs a certificate that names it: phonectl cert renew.';
  static override examples = [
    'phonectl settings provisioning edit --poll-window 02:00-04:00',
    'phonectl settings provisioning edit --download-enterprise https://images.example.net/ --dry-run',
    'phonectl settings provisioning edit --syslog tls://logs.example.net',
    'phonectl settings provisioning edit --file-rate 200 --file-transfers 50',
  ];
  static override flags = {
    ...viewFlags,
    ...pushFlags,
    url: string({ summary: 'The whole provisioning URL.', helpValue: 'URL', exclusive: ['host'] }),
    host: string({ summary: 'First label of the provisioning address.', helpValue: 'NAME' }),
    'poll-window': string({ summary: 'When phones poll, in their own time.', helpValue: '03:00-05:00' }),
    'time-server': string({ summary: 'Time server for phones.', helpValue: 'HOST' }),
    syslog: string({
      summary: 'Where phones send their syslog; empty for nowhere. `serve --syslog` fills it in where nobody has.',
      helpValue: 'HOST:PORT',
    }),
    'download-internet': string({ summary: 'Firmware for devices outside our sites.', helpValue: 'URL' }),
    'download-enterprise': string({ summary: 'Firmware for devices at our sites.', helpValue: 'URL' }),
    'upload-days': integer({ summary: 'Days that logs of phones are kept.', helpValue: 'N', min: 1, max: 3650 }),
    'file-rate': integer({ summary: 'Megabits per second for all files together.', helpValue: 'N', min: 1 }),
    'file-transfers': integer({ summary: 'Large files at the same time.', helpValue: 'N', min: 1 }),
  };
  static override view = showView<ProvisioningSettings>(PROVISIONING_COLUMNS);

  override async run(): Promise<ProvisioningSettings> {
    const { flags } = await this.parse(SettingsProvisioningEdit);
    const internet = flags['download-internet'];
    const enterprise = flags['download-enterprise'];
    const rate = flags['file-rate'];
    const transfers = flags['file-transfers'];
    if (!flags['dry-run'] && (flags.url ?? flags.host) !== undefined) {
      await this.confirm('destructive', 1, 'send every phone to another address');
    }
    return await this.phonectl.settings.editProvisioning(
      {
        url: flags.url,
        host: flags.host,
        pollWindow: flags['poll-window'],
        timeServer: flags['time-server'],
        syslog: flags.syslog,
        uploadDays: flags['upload-days'],
        dryRun: flags['dry-run'],
        ...((internet ?? enterprise) !== undefined && {
          downloadPaths: {
            ...(internet !== undefined && { internet }),
            ...(enterprise !== undefined && { enterprise }),
          },
        }),
        ...((rate ?? transfers) !== undefined && {
          files: {
            ...(rate !== undefined && { bytesPerSecond: rate * MEGABIT }),
            ...(transfers !== undefined && { transfers }),
          },
        }),
      },
      { signal: this.signal },
    );
  }
}
