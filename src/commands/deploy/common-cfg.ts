import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';
import type { CommonCfg } from '../../sdk/deploy/handover.ts';

export default class DeployCommonCfg extends PhonectlCommand<CommonCfg | undefined> {
  static override summary = 'Writes a common file for Yealink phones that sends them here (DEPLOY-02).';
  static override description =
    'For the provisioning server that is there already. The password of the provisioning account stands in it only with ' +
    '--with-credentials, which is recorded: every phone, and whoever reads that server, knows it then.';
  static override examples = [
    'phonectl deploy common-cfg --out y000000000096.cfg',
    'phonectl deploy common-cfg --platform https://prov.example.net --firmware https://prov.example.net/T54W.rom',
    'phonectl deploy common-cfg --with-credentials --out y000000000096.cfg',
  ];
  static override flags = {
    ...outFlag,
    platform: string({ summary: "Instead of the fleet's provisioning URL.", helpValue: 'URL' }),
    firmware: string({ summary: 'Firmware that phones install first (DEPLOY-04).', helpValue: 'URL' }),
    'with-credentials': boolean({ summary: 'With the provisioning account; this is recorded.' }),
  };

  override async run(): Promise<CommonCfg | undefined> {
    const { flags } = await this.parse(DeployCommonCfg);
    const file = await this.phonectl.deploy.commonCfg(
      { platform: flags.platform, firmware: flags.firmware, credentials: flags['with-credentials'] },
      { signal: this.signal },
    );
    if (this.format !== 'table') return file;
    await this.writeTo(flags.out, [file.text]);
    return undefined;
  }
}
