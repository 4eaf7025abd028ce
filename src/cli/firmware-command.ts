/** What `firmware rollout` and `firmware push` share: plan, question, task, report. */
import { string as stringArg } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import type { FirmwarePlan } from '../sdk/firmware/plan.ts';
import type { FirmwareReport } from '../sdk/firmware/report.ts';
import { type ControlBatch, controlExit, controlFlags, controlInput, resultLines } from './control.ts';
import { ControlCommand, type ControlFlags } from './control-command.ts';
import { nothingLines, planLines, reportLines } from './firmware-views.ts';
import { writeFlags } from './flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from './selector.ts';
import { count } from './text.ts';
import { batchExit, textView } from './view.ts';

export const firmwareArgs = {
  firmware: stringArg({
    required: true,
    description: 'Name or number of an image; or a version, and each phone gets the image of it that fits.',
  }),
  ...deviceArgs,
};

export const firmwareFlags = {
  fitting: boolean({ summary: 'Leave out devices that it is nothing for, instead of refusing the whole.' }),
  downgrade: boolean({ summary: 'Also for phones that run something newer.' }),
  force: boolean({ summary: 'Also phones in a call.' }),
  ...selectorFlags,
  ...controlFlags,
  ...writeFlags,
};

type Flags = ControlFlags & {
  readonly fitting: boolean;
  readonly downgrade: boolean;
  readonly force: boolean;
};

/** The plan of a dry run; the report of what was run; where a task stands that is run elsewhere or later. */
export type FirmwareAnswer = FirmwarePlan | FirmwareReport | ControlBatch;

/** For people, whichever of the three it is. */
export const firmwareView = textView<FirmwareAnswer>(
  (answer, style) => {
    if ('moves' in answer && 'strategy' in answer) return planLines(answer, style);
    if ('target' in answer) return reportLines(answer, style);
    // No task was made of what there was nothing to do for.
    return answer.task === undefined ? nothingLines(answer.results, style) : resultLines(answer, style);
  },
  (answer) => {
    if ('strategy' in answer) return 0;
    return 'target' in answer
      ? batchExit({ summary: { ...answer.summary }, results: answer.results })
      : controlExit(answer);
  },
);

export abstract class FirmwareCommand extends ControlCommand<FirmwareAnswer> {
  static override view = firmwareView;

  protected async bring(
    how: 'rollout' | 'push',
    reference: string,
    devices: readonly string[] | undefined,
    flags: Flags,
  ): Promise<FirmwareAnswer> {
    const { firmware } = this.phonectl;
    const input = {
      firmware: reference,
      selector: requireSelection(toSelector(flags, await this.references(devices && [...devices]))),
      ...controlInput(flags),
      ...(flags.fitting && { fitting: true }),
      ...(flags.downgrade && { downgrade: true }),
      ...(flags.force && { force: true }),
    };
    const progress = await this.progress('Looking at the devices');
    const plan = await firmware.plan({ ...input, rollout: how === 'rollout' }, { signal: this.signal });
    progress.stop();
    this.warnOnce(plan.warnings);
    if (flags['dry-run']) return plan;
    if (plan.upgrade > 0 && (plan.misfit === 0 || flags.fitting)) {
      await this.confirm('disruptive', plan.upgrade, `bring ${plan.target} to ${count(plan.upgrade, 'device')}`);
    }
    const events = firmware[how](input, { signal: this.signal });
    const batch = await this.follow(events, 'Bringing firmware');
    if (batch.task === undefined || batch.results.length === 0) return batch;
    return await firmware.report({ task: batch.task });
  }
}
