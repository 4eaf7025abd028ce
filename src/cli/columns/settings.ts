/** How the settings of the fleet look. */
import type { ProvisioningSettings } from '../../sdk/settings/provisioning.ts';
import type { TaskSettings } from '../../sdk/tasks/retention.ts';
import { bytesText } from '../file-size.ts';
import type { Column } from '../view.ts';

export const TASK_SETTINGS_COLUMNS: readonly Column<TaskSettings>[] = [{ name: 'resultDays', kind: 'number' }];

export const PROVISIONING_COLUMNS: readonly Column<ProvisioningSettings>[] = [
  { name: 'url', header: 'URL' },
  { name: 'account', get: ({ account }) => account?.username },
  { name: 'previousUntil', header: 'OLD PASSWORD UNTIL', get: ({ account }) => account?.previousUntil },
  {
    name: 'rotation',
    header: 'NEW PASSWORD SHOWN BY',
    get: ({ account }) => {
      if (!account?.rotation) return undefined;
      const { phones, changed, old, unseen } = account.rotation;
      return `${changed} of ${phones} phones; ${old} show the old one, ${unseen} have not come since`;
    },
  },
  { name: 'pollWindow' },
  { name: 'timeServer' },
  { name: 'syslog' },
  { name: 'internet', header: 'DOWNLOADS, INTERNET', get: ({ downloadPaths }) => downloadPaths.internet },
  { name: 'enterprise', header: 'DOWNLOADS, SITES', get: ({ downloadPaths }) => downloadPaths.enterprise },
  { name: 'uploadDays', kind: 'number' },
  {
    name: 'files',
    text: ({ files }) => `${bytesText(files.bytesPerSecond)}/s, ${files.transfers} large ones at a time`,
  },
];
