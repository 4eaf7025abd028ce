import { boolean, integer } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import {
  controlCommandFlags,
  DiagnosisCommand,
  levelFlag,
  toSeverity,
  UNTIL_ENDED,
} from '../../../cli/diagnosis-command.ts';
import { UsageValueError } from '../../../cli/usage-error.ts';

export default class DiagLogsLocal extends DiagnosisCommand {
  static override summary = 'Sets the log that phones keep themselves.';
  static override description = UNTIL_ENDED;
  static override examples = [
    'phonectl diag logs local reception --on --level debug --size 180',
    'phonectl diag logs local reception --off',
  ];
  static override flags = {
    ...controlCommandFlags,
    ...levelFlag,
    on: boolean({ summary: 'Keep a log.', exclusive: ['off'] }),
    off: boolean({ summary: 'Keep none.' }),
    size: integer({ summary: 'How large it grows, in kilobytes.', helpValue: 'KB', min: 1, max: 1_000_000 }),
    'usb-export': boolean({ summary: 'Copy it to a USB drive that is put in.', allowNo: true }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagLogsLocal);
    const level = toSeverity(flags.level);
    const local = {
      ...((flags.on || flags.off) && { on: flags.on }),
      ...(level !== undefined && { level }),
      ...(flags.size !== undefined && { size: flags.size }),
      ...(flags['usb-export'] !== undefined && { usbExport: flags['usb-export'] }),
    };
    if (Object.keys(local).length === 0) throw new UsageValueError('Say what to set: --on, --off, --level, --size.');
    return this.setLogs({ flags, devices: args.devices }, { local });
  }
}
