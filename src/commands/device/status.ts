import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import { cleanText, padEnd } from '../../cli/text.ts';
import { showView } from '../../cli/view.ts';
import type { StatusReport } from '../../sdk/control/status.ts';
import { EXIT } from '../../sdk/errors.ts';

export default class DeviceStatus extends PhonectlCommand<StatusReport | StatusReport[]> {
  static override summary = 'Asks devices how they are; exit status 0 only if every one is registered.';
  static override description =
    'Shows what the phone says now beside what the server has seen. Where the phone cannot be asked, the reason stands ' +
    'there. Not registered, partly registered, aged or unknown means exit status 3 (DEV-29).';
  static override examples = [
    'phonectl device status reception',
    'phonectl device status 00:04:f2:ab:cd:ef --json',
    'phonectl device status 1001 --offline',
  ];
  static override args = requiredDeviceArgs;
  static override flags = {
    ...viewFlags,
    offline: boolean({ summary: 'Only what the server knows; the phone is not asked.' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };
  static override view = showView<StatusReport>(
    [
      { name: 'device' },
      { name: 'name' },
      { name: 'sip', kind: 'state' },
      { name: 'vendor', get: ({ vendor }) => vendor ?? 'N/A' },
      { name: 'model', get: ({ model }) => model ?? 'N/A' },
      { name: 'firmware', get: ({ firmware }) => firmware ?? 'N/A' },
      { name: 'remoteIp', header: 'REMOTE IP', get: ({ remoteIp }) => remoteIp ?? 'N/A' },
      { name: 'hostIp', header: 'HOST IP', get: ({ hostIp }) => hostIp ?? 'N/A' },
      { name: 'registerTo', header: 'REGISTER TO', get: ({ registerTo }) => registerTo ?? 'N/A' },
      { name: 'inCall', header: 'IN A CALL', get: ({ inCall }) => (inCall === null ? 'N/A' : inCall ? 'yes' : 'no') },
      { name: 'uptimeSeconds', header: 'UPTIME', text: ({ uptimeSeconds }) => uptime(uptimeSeconds) },
      { name: 'seenAt', header: 'SEEN', kind: 'time' },
      { name: 'source', get: ({ source }) => (source === 'phone' ? 'the phone, now' : 'the server') },
      { name: 'reason', header: 'NOT ASKED', get: ({ reason }) => reason ?? '' },
    ],
    {
      more: ({ lines }) =>
        lines.length === 0
          ? ['', 'No lines.']
          : [
              '',
              ...lines.map(({ line, user, account, server, state }) =>
                [`line ${line}`, padEnd(user ?? account ?? 'N/A', 14), padEnd(state, 13), server ?? 'N/A']
                  .map(cleanText)
                  .join('  '),
              ),
            ],
    },
  );

  override async run(): Promise<StatusReport | StatusReport[]> {
    const { args, flags } = await this.parse(DeviceStatus);
    const references = await this.references(args.devices);
    const reports: StatusReport[] = [];
    for (const device of references) {
      reports.push(
        await this.phonectl.control.status(
          { device, ...(flags.offline && { offline: true }), ...(flags['plain-basic'] && { plainBasic: true }) },
          { signal: this.signal },
        ),
      );
    }
    this.exitWith(reports.every(({ sip }) => sip === 'registered') ? EXIT.ok : EXIT.failed);
    const [only] = reports;
    return reports.length === 1 && only !== undefined ? only : reports;
  }
}

function uptime(seconds: number | null): string {
  if (seconds === null) return 'N/A';
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${days > 0 ? `${days} d ` : ''}${hours} h ${minutes} min`;
}
