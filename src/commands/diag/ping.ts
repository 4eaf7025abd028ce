import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import type { PingReport } from '../../sdk/diagnostics/network.ts';
import { EXIT } from '../../sdk/errors.ts';

export default class DiagPing extends PhonectlCommand<PingReport> {
  static override summary = 'Pings a phone from the machine of the fleet.';
  static override description =
    'The answer says from where and how: by ICMP, or by connections to its web server where that machine has no ping. ' +
    'Phones offer no way to send a ping themselves. Exit status 10 when nothing comes back.';
  static override examples = ['phonectl diag ping reception', 'phonectl diag ping reception --count 20 --json'];
  static override args = requiredDeviceArg;
  static override flags = {
    count: integer({ summary: 'How many. Default 4.', helpValue: 'N', min: 1, max: 100 }),
  };
  static override view = textView<PingReport>(
    ({ host, from, method, sent, received, min, average, max }) => {
      const times = [min, average, max].map((time) => (time === null ? '-' : time.toFixed(1))).join(' / ');
      return `${host} from ${from} (${method}): ${received} of ${sent} came back, ${times} ms (min / average / max)`;
    },
    ({ received }) => (received > 0 ? EXIT.ok : EXIT.unreachable),
  );

  override async run(): Promise<PingReport> {
    const { args, flags } = await this.parse(DiagPing);
    const count = flags.count === undefined ? {} : { count: flags.count };
    return this.phonectl.diagnostics.ping({ device: args.device, ...count }, { signal: this.signal });
  }
}
