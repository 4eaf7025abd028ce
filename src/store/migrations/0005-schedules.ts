/** Tasks that wait for their time, in waves, with counts that need no counting. */
import type { Migration } from './index.ts';

const COUNTED = { success: 'success', failure: 'failure', not_applicable: 'not-applicable', skipped: 'skipped' };

export const schedules: Migration = {
  version: 5,
  name: 'schedules',
  statements: ({ int }) => [
    // JSON of sdk/context.ts DataScope: the selection is resolved with the rights of whoever made the task.
    `ALTER TABLE task ADD COLUMN scope TEXT NOT NULL DEFAULT '"all"'`,
    // Who that is: of `created_by`, the kind of sdk/context.ts Actor.
    `ALTER TABLE task ADD COLUMN created_kind TEXT NOT NULL DEFAULT 'local'`,
    // When it is due, and what the clock said when that was decided: a clock that was set back is seen by it.
    `ALTER TABLE task ADD COLUMN next_at ${int}`,
    `ALTER TABLE task ADD COLUMN planned_at ${int}`,
    `ALTER TABLE task ADD COLUMN version ${int} NOT NULL DEFAULT 1`,
    'CREATE INDEX task_next ON task(next_at) WHERE next_at IS NOT NULL',
    ...Object.keys(COUNTED).map((column) => `ALTER TABLE task_run ADD COLUMN ${column} ${int} NOT NULL DEFAULT 0`),
    ...Object.entries(COUNTED).map(
      ([column, state]) => `UPDATE task_run SET ${column} =
        (SELECT count(*) FROM task_target WHERE run_id = task_run.id AND state = '${state}')`,
    ),
    // source: the address that the phone's network shows; zone: IANA name of its site's time zone.
    'ALTER TABLE task_target ADD COLUMN source TEXT',
    'ALTER TABLE task_target ADD COLUMN zone TEXT',
    'DROP INDEX task_target_state',
    'CREATE INDEX task_target_state ON task_target(run_id, state, wave, position)',
  ],
};
