import type { ControlBatch } from '../../../cli/control.ts';
import {
  controlCommandFlags,
  DiagnosisCommand,
  requiredLevelFlag,
  toSeverity,
  UNTIL_ENDED,
} from '../../../cli/diagnosis-command.ts';

export default class DiagLogsLevel extends DiagnosisCommand {
  static override summary = 'Sets how much phones log.';
  static override description =
    `Levels are the severities of syslog; each phone gets what it has for them. ${UNTIL_ENDED}`;
  static override examples = [
    'phonectl diag logs level reception --level debug',
    'phonectl diag logs level --site Berlin --level 6 --yes',
  ];
  static override flags = { ...controlCommandFlags, ...requiredLevelFlag };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagLogsLevel);
    return this.setLogs({ flags, devices: args.devices }, { level: toSeverity(flags.level) });
  }
}
