/** When phones of a site should not restart (TASK-32). */
import type { Migration } from './index.ts';

export const officeHours: Migration = {
  version: 10,
  name: 'office-hours',
  statements: () => ['ALTER TABLE site ADD COLUMN office_hours TEXT'],
};
