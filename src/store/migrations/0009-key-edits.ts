/** Access keys that are edited: what they are for, and a version for `If-Match`. */
import type { Migration } from './index.ts';

export const keyEdits: Migration = {
  version: 9,
  name: 'key-edits',
  statements: ({ int }) => [
    "ALTER TABLE access_key ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    `ALTER TABLE access_key ADD COLUMN version ${int} NOT NULL DEFAULT 1`,
  ],
};
