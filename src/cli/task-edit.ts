/** Changing a task or a timer: the flags of both, and the input that they make. */
import { string } from '@oclif/core/flags';
import type { Phonectl } from '../sdk/index.ts';
import { writeFlags } from './flags.ts';
import { scheduleFlags, scheduleInput, strategyFlags, strategyInput } from './run-flags.ts';
import { type SelectorFlagValues, selectorFlags, toSelector } from './selector.ts';

export const taskEditFlags = {
  name: string({ summary: 'New name.', helpValue: 'NAME' }),
  ...selectorFlags,
  ...strategyFlags,
  ...scheduleFlags,
  ...writeFlags,
};

type TaskEditValues = SelectorFlagValues &
  Parameters<typeof strategyInput>[0] &
  Parameters<typeof scheduleInput>[0] & { readonly name?: string | undefined; readonly 'dry-run': boolean };

/** What is to be changed of this task: what was said, and nothing else. */
export function taskEditInput(task: number, flags: TaskEditValues): Parameters<Phonectl['tasks']['edit']>[0] {
  const selector = toSelector(flags);
  return {
    task,
    ...(flags.name !== undefined && { name: flags.name }),
    ...(Object.keys(selector).length > 0 && { selector }),
    ...strategyInput(flags),
    ...scheduleInput(flags),
    dryRun: flags['dry-run'],
  };
}
