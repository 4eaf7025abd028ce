import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { OfflineReport } from '../../sdk/control/why-offline.ts';
import { EXIT } from '../../sdk/errors.ts';

const LOOKS = { ok: ['green', 'ok'], info: ['grey', 'none'], problem: ['red', 'fail'] } as const;

export default class DeviceWhyOffline extends PhonectlCommand<OfflineReport> {
  static override summary = 'Says what is known of why a device is not there.';
  static override description =
    'Looks at when it was seen, asks it, and shows what it did last. Exit status 3 when it is not there.';
  static override examples = [
    'phonectl device why-offline reception',
    'phonectl device why-offline 0004f2abcdef --json',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };
  static override view = textView<OfflineReport>(
    ({ device, name, findings, events }, style) => [
      `${device} ${cleanText(name)}`.trim(),
      ...findings.flatMap(({ level, text, hint }) => {
        const [colour, symbol] = LOOKS[level];
        return [
          `${style.paint(colour, style.symbol(symbol))} ${cleanText(text)}`,
          ...(hint === null ? [] : [`  ${cleanText(hint)}`]),
        ];
      }),
      ...(events.length === 0 ? [] : ['', 'Last seen of it:']),
      ...events.map(({ at, what }) => `  ${at}  ${cleanText(what)}`),
    ],
    ({ online }) => (online ? EXIT.ok : EXIT.failed),
  );

  override async run(): Promise<OfflineReport> {
    const { args, flags } = await this.parse(DeviceWhyOffline);
    const plainBasic = flags['plain-basic'] ? { plainBasic: true } : {};
    return this.phonectl.commands.whyOffline({ device: args.device, ...plainBasic }, { signal: this.signal });
  }
}
