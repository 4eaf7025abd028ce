import { PhonectlCommand } from '../../../cli/base.ts';
import { PROVISIONING_COLUMNS } from '../../../cli/columns/settings.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { showView } from '../../../cli/view.ts';
import type { ProvisioningSettings } from '../../../sdk/settings/provisioning.ts';

export default class SettingsProvisioningShow extends PhonectlCommand<ProvisioningSettings> {
  static override summary = 'Shows where phones provision, as whom, and when.';
  static override examples = ['phonectl settings provisioning show', 'phonectl settings provisioning show --json'];
  static override flags = viewFlags;
  static override view = showView<ProvisioningSettings>(PROVISIONING_COLUMNS);

  override async run(): Promise<ProvisioningSettings> {
    await this.parse(SettingsProvisioningShow);
    return await this.phonectl.settings.provisioning({}, { signal: this.signal });
  }
}
