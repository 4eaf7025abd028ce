import { PhonectlCommand } from '../../../cli/base.ts';
import { listFlags } from '../../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { LogSettingsReport, NoLogSettings } from '../../../sdk/diagnosis/read.ts';

type Row = LogSettingsReport | NoLogSettings;

export default class DiagLogsShow extends PhonectlCommand<AsyncIterable<Row>> {
  static override summary = 'Shows what the log settings of phones come to.';
  static override description =
    'From their configuration: profiles, and what a diagnosis sets above them. Of a module the level is shown that comes ' +
    'out: its own, or that of the log if that says less.';
  static override examples = ['phonectl diag logs show reception', 'phonectl diag logs show --site Berlin --json'];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<Row>(
    [
      { name: 'device' },
      { name: 'name', priority: 3 },
      { name: 'level', get: (row) => ('reason' in row ? null : row.level) },
      { name: 'local', get: (row) => ('reason' in row ? null : localText(row)), priority: 2 },
      { name: 'syslog', get: (row) => ('reason' in row ? null : syslogText(row)) },
      { name: 'backup', get: (row) => ('reason' in row ? null : backupText(row)), priority: 4 },
      { name: 'modules', kind: 'list', get: (row) => ('reason' in row ? [] : moduleTexts(row)), priority: 1 },
      { name: 'diagnosis', kind: 'flag', get: (row) => ('reason' in row ? null : row.diagnosis) },
      { name: 'reason', get: (row) => ('reason' in row ? row.reason : null), extra: true },
    ],
    { empty: 'No device fits the selection.' },
  );

  override async run(): Promise<AsyncIterable<Row>> {
    const { args, flags } = await this.parse(DiagLogsShow);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    return this.phonectl.diagnoses.logSettings({ selector }, { signal: this.signal });
  }
}

function localText({ local }: LogSettingsReport): string | null {
  if (local === null) return null;
  return local.on
    ? ['on', local.level, local.size === null ? null : `${local.size} kB`].filter(Boolean).join(', ')
    : 'off';
}

function syslogText({ syslog }: LogSettingsReport): string {
  if (syslog === null) return 'off';
  const { server, port, transport, level } = syslog;
  return [`${server}${port === null ? '' : `:${port}`}`, transport, level].filter(Boolean).join(', ');
}

function backupText({ backup }: LogSettingsReport): string {
  if (backup === null) return 'off';
  const where = backup.url === '' ? 'our server' : backup.url;
  return backup.every === null ? where : `${where}, every ${backup.every} min`;
}

function moduleTexts({ modules }: LogSettingsReport): string[] {
  return modules.map(({ module, level, local, syslog }) => `${module} ${local ?? syslog ?? level}`);
}
