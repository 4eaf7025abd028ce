import { PhonectlCommand } from '../../cli/base.ts';
import { hostFlag, sentFrom } from '../../cli/network.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import type { TracerouteReport } from '../../sdk/diagnostics/network.ts';

export default class DiagTraceroute extends PhonectlCommand<TracerouteReport> {
  static override summary = 'Traces the way to a phone, or to another host, from the machine of the fleet.';
  static override description =
    'With traceroute, else with tracepath, whichever that machine has. The answer says from where, and why it was not the ' +
    'phone that did it: no vendor documents a request for that.';
  static override examples = [
    'phonectl diag traceroute reception',
    'phonectl diag traceroute reception --host sbc.example.net --json',
  ];
  static override args = requiredDeviceArg;
  static override flags = hostFlag;
  static override view = textView<TracerouteReport>((report, style) => [
    `To ${sentFrom(report)}:`,
    ...report.hops.map(({ hop, host: at, milliseconds }) => {
      const times = milliseconds.map((time) => `${time.toFixed(1)} ms`).join('  ');
      return `${String(hop).padStart(3)}  ${at ?? '*'}  ${times}`.trimEnd();
    }),
    style.paint('grey', `Not traced by the phone: ${report.notFromPhone}.`),
  ]);

  override async run(): Promise<TracerouteReport> {
    const { args, flags } = await this.parse(DiagTraceroute);
    const host = flags.host === undefined ? {} : { host: flags.host };
    return this.phonectl.diagnostics.traceroute({ device: args.device, ...host }, { signal: this.signal });
  }
}
