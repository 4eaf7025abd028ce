/** What commands share that set something on phones for as long as a fault is looked for. */
import { string } from '@oclif/core/flags';
import { type DiagnosisChange, SEVERITIES, type Severity } from '../domain/diagnosis.ts';
import type { ControlBatch } from './control.ts';
import { ControlCommand, controlCommandFlags } from './control-command.ts';
import { UsageValueError } from './usage-error.ts';

/** One sentence for the descriptions of all of them. */
export const UNTIL_ENDED =
  'It is a layer of the configuration of the phone, above its profiles, and stays until `phonectl diag end`. Success means ' +
  'that the phone runs it, or was seen to fetch it where it cannot be asked.';

const LEVEL = {
  summary: 'How much is logged, as severity of syslog by name or number.',
  helpValue: 'LEVEL',
  options: [...SEVERITIES, ...SEVERITIES.map((_, index) => String(index))],
};

/** Severities of syslog by name or number: 7 says the most, whatever the phone counts. */
export const levelFlag = { level: string(LEVEL) };
export const requiredLevelFlag = { level: string({ ...LEVEL, required: true }) };

export function toSeverity(text: string): Severity;
export function toSeverity(text: string | undefined): Severity | undefined;
export function toSeverity(text: string | undefined): Severity | undefined {
  return SEVERITIES.find((severity, index) => severity === text || String(index) === text);
}

/** `--on` and `--off`, of which one must be given. */
export function switched(flags: { readonly on: boolean; readonly off: boolean }): boolean {
  if (flags.on === flags.off) throw new UsageValueError('Give --on or --off.');
  return flags.on;
}

export abstract class DiagnosisCommand extends ControlCommand {
  protected setLogs(
    { flags, devices }: Pick<Parameters<ControlCommand['act']>[0], 'flags' | 'devices'>,
    change: DiagnosisChange,
    password?: string,
  ): Promise<ControlBatch> {
    return this.act({
      flags,
      devices,
      effect: 'disruptive',
      verb: 'change the log settings of',
      doing: 'Changing log settings',
      run: (input) =>
        this.phonectl.diagnoses.setLogs(
          { ...input, change, ...(password !== undefined && { password }) },
          { signal: this.signal },
        ),
    });
  }
}

export { controlCommandFlags };
