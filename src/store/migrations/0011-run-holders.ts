/** Runs of tasks know who answers for them, where that is not the maker of the task. */
import type { Migration } from './index.ts';

export const runHolders: Migration = {
  version: 11,
  name: 'run-holders',
  // JSON of sdk/ports/tasks.ts Holder.
  statements: () => ['ALTER TABLE task_run ADD COLUMN holder TEXT'],
};
