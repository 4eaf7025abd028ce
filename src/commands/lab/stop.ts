import { PhonectlCommand } from '../../cli/base.ts';
import { textView } from '../../cli/view.ts';

export default class LabStop extends PhonectlCommand<{ stopped: boolean }> {
  static override local = true;
  static override summary = 'Stops the simulated phones.';
  static override examples = ['phonectl lab stop', 'phonectl lab stop --home ./demo'];
  static override view = textView<{ stopped: boolean }>(
    (_, style) => `${style.paint('green', style.symbol('ok'))} The lab is stopped.`,
  );

  override async run(): Promise<{ stopped: boolean }> {
    await this.parse(LabStop);
    return await this.phonectl.simulator.stop();
  }
}
