import { boolean, integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, writeFlags } from '../../cli/flags.ts';
import { scheduleFlags, scheduleInput, strategyFlags, strategyInput } from '../../cli/run-flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { TimerSummary } from '../../sdk/tasks/timers.ts';

export default class TimerAdd extends PhonectlCommand<TimerSummary> {
  static override summary = 'Adds a timer: something that is done to devices again and again.';
  static override description =
    'A server (`phonectl serve`) runs it; several of them run each time once. The devices are selected anew at each run. ' +
    'Where the clocks change, a time that they leave out comes an hour later, and one that they show twice comes once. ' +
    'A time at which no server ran is left out, or caught up with --missed run.';
  static override examples = [
    'phonectl timer add --type reboot --site Berlin --repeat weekly --day sun --at 03:00 --tz Europe/Berlin',
    'phonectl timer add --type dnd --on --group lobby --at 12:00 --repeat daily --tz Europe/Berlin',
    'phonectl timer add --type firmware --image 6.4.8.1234 --group lobby --repeat daily --at 02:00',
    'phonectl timer add --type check-sync --all --repeat daily --at 04:30 --name "Nightly check"',
    "phonectl timer add --type reboot --group lobby --repeat '0 3 * * 1-5' --dry-run",
  ];
  static override args = deviceArgs;
  static override flags = {
    type: string({
      summary: 'What is done: reboot, restart, reset, dnd, message, check-sync, config-push, firmware, resource.',
      helpValue: 'TYPE',
      required: true,
    }),
    on: boolean({ summary: 'For dnd: switch it on.', exclusive: ['off'] }),
    off: boolean({ summary: 'For dnd: switch it off.' }),
    text: string({ summary: 'For message: what is shown.', helpValue: 'TEXT' }),
    seconds: integer({ summary: 'For message: how long it is shown. Default 30.', helpValue: 'SECONDS', min: 0 }),
    scope: choice(['web', 'local', 'device', 'all', 'factory'], { summary: 'For reset: what is reset.' }),
    image: string({ summary: 'For firmware: name or number of an image, or a version.', helpValue: 'IMAGE' }),
    resource: string({
      summary: 'For resource: a file to give. Repeatable, one of each type.',
      helpValue: 'RESOURCE',
      multiple: true,
    }),
    fitting: boolean({ summary: 'For firmware and resource: leave out devices that it is nothing for.' }),
    name: string({ summary: 'Name of the timer.', helpValue: 'NAME' }),
    ...selectorFlags,
    ...scheduleFlags,
    ...strategyFlags,
    via: string({ summary: "Only this way instead of the vendor's order.", helpValue: 'WAY' }),
    force: boolean({ summary: 'Also phones in a call.' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to phones that know nothing better.' }),
    ...writeFlags,
  };
  static override view = textView<TimerSummary>(({ id, name, when, devices, next }, style) => [
    id === undefined
      ? `A timer: ${when}, for ${count(devices, 'device')} as things are.`
      : `${style.paint('green', style.symbol('ok'))} Timer ${id}  ${cleanText(name)}: ${when}, for ${count(devices, 'device')} as things are.`,
    `Next: ${next.join(', ')}`,
  ]);

  override async run(): Promise<TimerSummary> {
    const { args, flags } = await this.parse(TimerAdd);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const timer = {
      type: flags.type,
      selector,
      ...(flags.name !== undefined && { name: flags.name }),
      ...((flags.on || flags.off) && { on: flags.on === true }),
      ...(flags.text !== undefined && { text: flags.text }),
      ...(flags.seconds !== undefined && { seconds: flags.seconds }),
      ...(flags.scope !== undefined && { scope: flags.scope }),
      ...(flags.image !== undefined && { firmware: flags.image }),
      ...(flags.resource !== undefined && { resources: flags.resource }),
      ...(flags.fitting && { fitting: true }),
      ...(flags.via !== undefined && { via: flags.via }),
      ...(flags.force === true && { force: true }),
      ...(flags['plain-basic'] === true && { plainBasic: true }),
      ...strategyInput(flags),
      ...scheduleInput(flags),
    };
    const { timers } = this.phonectl;
    const plan = await timers.add({ ...timer, dryRun: true }, { signal: this.signal });
    for (const warning of plan.warnings) this.warning(warning);
    if (flags['dry-run']) return plan;
    // A reset cannot be taken back, and nobody watches when it happens.
    if (flags.type === 'reset') {
      await this.confirm('destructive', plan.devices, `reset ${count(plan.devices, 'device')} ${plan.when}`);
    }
    return await timers.add(timer, { signal: this.signal });
  }
}
