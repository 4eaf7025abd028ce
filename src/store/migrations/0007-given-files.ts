/** Files that tasks give to single phones: firmware, resources. */
import type { Migration } from './index.ts';

export const givenFiles: Migration = {
  version: 7,
  name: 'given-files',
  statements: ({ int }) => [
    // slot: `firmware`, else the type of the resource. file_id: of image or resource. parameters: JSON of [name, value].
    // before: JSON of the row that this one replaced.
    `CREATE TABLE given_file (
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, slot TEXT NOT NULL, file_id ${int} NOT NULL,
      parameters TEXT NOT NULL, task_id ${int} NOT NULL, run_id ${int} NOT NULL, at ${int} NOT NULL,
      before TEXT, PRIMARY KEY (device_id, slot))`,
    'CREATE INDEX given_file_file ON given_file(slot, file_id)',
    // What a phone ran when a run came to it: the report of a rollout says from where to where.
    `CREATE TABLE firmware_before (
      run_id ${int} NOT NULL REFERENCES task_run(id) ON DELETE CASCADE, device_id ${int} NOT NULL, release TEXT,
      PRIMARY KEY (run_id, device_id))`,
  ],
};
