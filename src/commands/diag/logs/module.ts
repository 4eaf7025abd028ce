import { string } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import {
  controlCommandFlags,
  DiagnosisCommand,
  requiredLevelFlag,
  toSeverity,
  UNTIL_ENDED,
} from '../../../cli/diagnosis-command.ts';

export default class DiagLogsModule extends DiagnosisCommand {
  static override summary = 'Sets how much single modules of phones log.';
  static override description =
    'What comes out of a module is what both its own level and the level of the log let through; ' +
    `\`phonectl diag logs show\` computes it. ${UNTIL_ENDED}`;
  static override examples = [
    'phonectl diag logs module reception --module sip --level debug',
    'phonectl diag logs module reception --module all --level error',
  ];
  static override flags = {
    ...controlCommandFlags,
    module: string({
      summary: "The vendor's name of the module, or all. Repeatable.",
      helpValue: 'MODULE',
      multiple: true,
      required: true,
    }),
    ...requiredLevelFlag,
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagLogsModule);
    const level = toSeverity(flags.level);
    const modules = Object.fromEntries(flags.module.map((name) => [name, level] as const));
    return this.setLogs({ flags, devices: args.devices }, { modules });
  }
}
