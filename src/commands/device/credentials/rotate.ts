import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../../cli/selector.ts';
import { count } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { Rotated } from '../../../sdk/enrolment/credentials.ts';

export default class DeviceCredentialsRotate extends PhonectlCommand<Rotated> {
  static override summary = 'Gives devices new secrets; the old ones stay good for a while.';
  static override description =
    'A phone learns its new secrets at its next poll, for which it needs the old ones: keep --grace longer than the ' +
    'polling interval. A phone that stays away longer has to be enrolled again.';
  static override examples = [
    'phonectl device credentials rotate reception',
    'phonectl device credentials rotate --site Berlin --purpose admin --grace 7d --yes',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    purpose: string({
      summary: 'Only these secrets. Repeatable.',
      options: ['provisioning', 'admin', 'event'],
      multiple: true,
    }),
    grace: string({ summary: 'How long the old ones stay good.', helpValue: '48h', default: '48h' }),
    ...writeFlags,
  };
  static override view = textView<Rotated>(
    ({ devices, secrets, previousUntil }, style) =>
      `${style.paint('green', style.symbol('ok'))} ${count(secrets, 'secret')} of ${count(devices, 'device')} replaced; ` +
      `the old ones are good until ${previousUntil}.`,
  );

  override async run(): Promise<Rotated> {
    const { args, flags } = await this.parse(DeviceCredentialsRotate);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = {
      selector,
      grace: flags.grace,
      ...(flags.purpose !== undefined && { purposes: flags.purpose as ('provisioning' | 'admin' | 'event')[] }),
    };
    const plan = await this.phonectl.enrolments.rotateCredentials({ ...input, dryRun: true });
    if (flags['dry-run']) return plan;
    await this.confirm('disruptive', plan.devices, `replace the secrets of ${count(plan.devices, 'device')}`);
    return await this.phonectl.enrolments.rotateCredentials(input);
  }
}
