import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { hostFlag, sentFrom } from '../../cli/network.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import type { PingReport } from '../../sdk/diagnostics/network.ts';
import { EXIT } from '../../sdk/errors.ts';

export default class DiagPing extends PhonectlCommand<PingReport> {
  static override summary = 'Pings a phone, or another host, from the machine of the fleet.';
  static override description =
    'The answer says from where and how: by ICMP, or by connections where that machine has no ping, and why it was not the ' +
    'phone that sent it: no vendor documents a request for that. Exit status 10 when nothing comes back.';
  static override examples = [
    'phonectl diag ping reception',
    'phonectl diag ping reception --count 20 --json',
    'phonectl diag ping reception --host sbc.example.net',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    ...hostFlag,
    count: integer({ summary: 'How many. Default 4.', helpValue: 'N', min: 1, max: 100 }),
  };
  static override view = textView<PingReport>(
    (report, style) => {
      const { method, sent, received, min, average, max } = report;
      const times = [min, average, max].map((time) => (time === null ? '-' : time.toFixed(1))).join(' / ');
      return [
        `${sentFrom(report)} (${method}): ${received} of ${sent} came back, ${times} ms (min / average / max)`,
        style.paint('grey', `Not sent by the phone: ${report.notFromPhone}.`),
      ];
    },
    ({ received }) => (received > 0 ? EXIT.ok : EXIT.unreachable),
  );

  override async run(): Promise<PingReport> {
    const { args, flags } = await this.parse(DiagPing);
    const { host, count } = flags;
    const input = { ...(host !== undefined && { host }), ...(count !== undefined && { count }) };
    return this.phonectl.diagnostics.ping({ device: args.device, ...input }, { signal: this.signal });
  }
}
