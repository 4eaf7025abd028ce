import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import type { TracerouteReport } from '../../sdk/diagnostics/network.ts';

export default class DiagTraceroute extends PhonectlCommand<TracerouteReport> {
  static override summary = 'Traces the way to a phone from the machine of the fleet.';
  static override examples = ['phonectl diag traceroute reception', 'phonectl diag traceroute reception --json'];
  static override args = requiredDeviceArg;
  static override view = textView<TracerouteReport>(({ host, from, hops }) => [
    `To ${host} from ${from}:`,
    ...hops.map(({ hop, host: at, milliseconds }) => {
      const times = milliseconds.map((time) => `${time.toFixed(1)} ms`).join('  ');
      return `${String(hop).padStart(3)}  ${at ?? '*'}  ${times}`.trimEnd();
    }),
  ]);

  override async run(): Promise<TracerouteReport> {
    const { args } = await this.parse(DiagTraceroute);
    return this.phonectl.diagnostics.traceroute({ device: args.device }, { signal: this.signal });
  }
}
