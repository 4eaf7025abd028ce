import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, outFlag } from '../../cli/flags.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { DhcpSnippet } from '../../sdk/operations/deploy.ts';

export default class DeployDhcp extends PhonectlCommand<DhcpSnippet | undefined> {
  static override summary = 'Prints what a DHCP server must say so that phones come here.';
  static override description =
    'The snippet holds no login: the whole network reads DHCP. Phones enrol with the provisioning account or with ' +
    'their certificate. Give --ntp: a phone that does not know the time accepts no certificate.';
  static override examples = [
    'phonectl deploy dhcp --format kea --ntp 10.20.0.1',
    'phonectl deploy dhcp --format isc --vendor yealink --out phones.conf',
    'phonectl deploy dhcp --format dnsmasq --url http://10.20.0.5/ --ntp 10.20.0.1',
  ];
  static override flags = {
    ...outFlag,
    format: choice(['isc', 'kea', 'dnsmasq', 'windows'], { char: 'f', summary: 'The DHCP server.' }),
    vendor: string({
      summary: 'Only for phones of this vendor. Repeatable.',
      options: ['poly', 'yealink', 'cisco'],
      multiple: true,
    }),
    ntp: string({ summary: 'Address of a time server (option 42). Repeatable.', helpValue: 'IP', multiple: true }),
    url: string({
      summary: "Instead of the fleet's provisioning URL: that of the bootstrap listener.",
      helpValue: 'URL',
    }),
  };

  override async run(): Promise<DhcpSnippet | undefined> {
    const { flags } = await this.parse(DeployDhcp);
    if (flags.format === undefined) throw new UsageValueError('--format is required: isc, kea, dnsmasq or windows.');
    const snippet = await this.phonectl.deploy.dhcp(
      {
        format: flags.format,
        ...(flags.vendor && { vendors: flags.vendor as DhcpSnippet['vendors'][number][] }),
        ...(flags.ntp && { timeServers: flags.ntp }),
        ...(flags.url !== undefined && { url: flags.url }),
      },
      { signal: this.signal },
    );
    if (this.format !== 'table') return snippet;
    await this.writeTo(flags.out, [snippet.text]);
    return undefined;
  }
}
