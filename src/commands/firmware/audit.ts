import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { AuditRow } from '../../sdk/firmware/reports.ts';

const COLOURS = { vulnerable: 'red', unknown: 'yellow', fixed: 'green', 'not-affected': 'green' } as const;

export default class FirmwareAudit extends PhonectlCommand<readonly AuditRow[]> {
  static override summary = 'Lists devices whose firmware is known to be vulnerable, or of which that is not known.';
  static override description =
    'Compared with the table of advisories that phonectl ships; advisories.yaml in the home adds to it. "unknown" means ' +
    'that the table does not say, not that the firmware is safe.';
  static override examples = [
    'phonectl firmware audit',
    'phonectl firmware audit --filter severity=critical --exit-code',
    'phonectl firmware audit --include-fixed --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...listFlags,
    ...selectorFlags,
    'include-fixed': boolean({ summary: 'Also what is fixed or does not apply.' }),
    'exit-code': boolean({ summary: 'Exit with 20 when a device is vulnerable.' }),
  };
  static override view = listView<AuditRow>(
    [
      { name: 'device' },
      { name: 'name', priority: 4 },
      { name: 'model' },
      { name: 'firmware' },
      { name: 'advisory' },
      { name: 'severity', priority: 1 },
      { name: 'verdict', text: ({ verdict }, style) => style.paint(COLOURS[verdict], verdict) },
      { name: 'fixed' },
      { name: 'title', priority: 3 },
      { name: 'site', extra: true },
    ],
    { empty: 'No advisory of the table is about these devices and their firmware.' },
  );

  override async run(): Promise<readonly AuditRow[]> {
    const { args, flags } = await this.parse(FirmwareAudit);
    const selector = toSelector(flags, await this.references(args.devices));
    const rows = await Array.fromAsync(
      this.phonectl.firmware.audit({ selector, all: flags['include-fixed'] }, { signal: this.signal }),
    );
    if (flags['exit-code'] && rows.some(({ verdict }) => verdict === 'vulnerable')) this.exitWith(EXIT.differences);
    return rows;
  }
}
