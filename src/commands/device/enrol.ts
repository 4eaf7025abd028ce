import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { listView } from '../../cli/view.ts';
import type { OpenedWindow } from '../../sdk/enrolment/windows.ts';

export default class DeviceEnrol extends PhonectlCommand<readonly OpenedWindow[]> {
  static override summary = 'Opens enrolment windows, in which phones fetch their own login.';
  static override description =
    'Inside its window a phone that shows the shared provisioning account (a factory Cisco: nothing) gets one file, ' +
    'which gives it its own login, our CA and URL. The first address binds the window. Importing and adding a device ' +
    'opens one for 72 hours; after a factory reset this command opens it again.';
  static override examples = [
    'phonectl device enrol reception',
    'phonectl device enrol --site Berlin --window 7d --from 10.20.0.0/16 --from 10.21.0.0/16',
    'phonectl device list --attention --output name | phonectl device enrol - --yes',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    window: string({ summary: 'How long it is open.', helpValue: '72h', default: '72h' }),
    from: string({
      summary: 'Where the phones come from; default the subnets of their sites. Repeatable.',
      helpValue: 'CIDR',
      multiple: true,
    }),
    ...writeFlags,
  };
  static override view = listView<OpenedWindow>(
    [
      { name: 'device' },
      { name: 'name' },
      { name: 'site' },
      { name: 'closesAt', header: 'OPEN UNTIL', kind: 'time' },
      {
        name: 'networks',
        kind: 'list',
        get: ({ networks }) => (networks.length > 0 ? networks : ['private networks']),
      },
    ],
    { empty: 'No device is selected.' },
  );

  override async run(): Promise<readonly OpenedWindow[]> {
    const { args, flags } = await this.parse(DeviceEnrol);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const opened = await this.phonectl.enrolments.open({
      selector,
      window: flags.window,
      ...(flags.from !== undefined && { from: flags.from }),
      dryRun: flags['dry-run'],
    });
    if (!flags['dry-run']) this.note(`${count(opened.length, 'enrolment window')} opened.`);
    return opened;
  }
}
