/** What commands that make phones do something share: look first, ask, then follow the task. */
import type { DeviceSelector } from '../domain/selector.ts';
import type { ControlEvent } from '../sdk/control/run.ts';
import type { Effect } from '../sdk/operation.ts';
import { type ControlBatch, controlFlags, controlInput, controlView, followTask } from './control.ts';
import { writeFlags } from './flags.ts';
import { FollowingCommand } from './following-command.ts';
import type { RunInput } from './run-flags.ts';
import { deviceArgs, requireSelection, type SelectorFlagValues, selectorFlags, toSelector } from './selector.ts';
import { count } from './text.ts';

export const controlCommandArgs = deviceArgs;
export const controlCommandFlags = { ...selectorFlags, ...controlFlags, ...writeFlags };

export type ControlFlags = Parameters<typeof controlInput>[0] &
  SelectorFlagValues & { readonly 'dry-run': boolean; readonly yes: boolean };

/** The part of an operation's input that is the same for every command to phones. */
export type CommonInput = RunInput & {
  readonly via?: string;
  readonly plainBasic?: boolean;
  readonly selector: DeviceSelector;
  readonly dryRun?: boolean;
};

export interface Deed {
  readonly flags: ControlFlags;
  readonly devices: readonly string[] | undefined;
  readonly effect: Effect;
  /** `restart`: what will be done to so many devices. */
  readonly verb: string;
  /** `Restarting`. */
  readonly doing: string;
  readonly run: (input: CommonInput) => AsyncIterable<ControlEvent>;
}

export abstract class ControlCommand<Result = ControlBatch> extends FollowingCommand<Result> {
  static override args = controlCommandArgs;
  static override view = controlView;

  /** Dry run, question, task. */
  protected async act({ flags, devices, effect, verb, doing, run }: Deed): Promise<ControlBatch> {
    const selector = requireSelection(toSelector(flags, await this.references(devices && [...devices])));
    const input = { selector, ...controlInput(flags) };
    const asks = effect === 'disruptive' || effect === 'destructive';
    if (flags['dry-run'] || (asks && !flags.yes)) {
      const plan = await followTask(run({ ...input, dryRun: true }), await this.progress('Looking at the devices'));
      this.warnOnce(plan.warnings);
      if (flags['dry-run']) return plan;
      const affected = plan.results.filter(({ result }) => result !== 'not-applicable').length;
      await this.confirm(effect, affected, `${verb} ${count(affected, 'device')}`);
    }
    return this.follow(run(input), doing);
  }
}
