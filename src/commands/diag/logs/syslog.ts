import { boolean, integer, string } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import {
  controlCommandFlags,
  DiagnosisCommand,
  levelFlag,
  toSeverity,
  UNTIL_ENDED,
} from '../../../cli/diagnosis-command.ts';
import { choice } from '../../../cli/flags.ts';
import { UsageValueError } from '../../../cli/usage-error.ts';

export default class DiagLogsSyslog extends DiagnosisCommand {
  static override summary = 'Makes phones send their log to a syslog server, or stop doing so.';
  static override description =
    '`phonectl serve --syslog 514` receives it, and `phonectl diag logs follow` shows it. Poly phones reboot for it. ' +
    UNTIL_ENDED;
  static override examples = [
    'phonectl diag logs syslog reception --server 192.0.2.10 --level debug',
    'phonectl diag logs syslog --site Berlin --off --yes',
  ];
  static override flags = {
    ...controlCommandFlags,
    ...levelFlag,
    server: string({ summary: 'Name or address of the server.', helpValue: 'HOST', exclusive: ['off'] }),
    off: boolean({ summary: 'Send nothing.' }),
    port: integer({ summary: 'Port of the server. Default 514.', helpValue: 'N', min: 1, max: 65_535 }),
    transport: choice(['udp', 'tcp', 'tls'], { summary: 'How it is sent. Default udp.' }),
    facility: integer({ summary: 'Facility of the messages, 0 to 23.', helpValue: 'N', min: 0, max: 23 }),
    'prepend-mac': boolean({ summary: 'Begin each message with the MAC of the phone.', allowNo: true }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagLogsSyslog);
    const { server, off, port, transport, facility } = flags;
    if ((server === undefined) !== (off === true)) throw new UsageValueError('Give --server, or --off.');
    const level = toSeverity(flags.level);
    const syslog = {
      ...(server !== undefined && { server }),
      ...(port !== undefined && { port }),
      ...(transport !== undefined && { transport }),
      ...(level !== undefined && { level }),
      ...(facility !== undefined && { facility }),
      ...(flags['prepend-mac'] !== undefined && { prependMac: flags['prepend-mac'] }),
    };
    return this.setLogs({ flags, devices: args.devices }, { syslog });
  }
}
