import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DeployPlan as Plan } from '../../sdk/operations/deploy.ts';

const LOOKS = {
  done: ['green', 'ok'],
  first: ['yellow', 'warn'],
  try: ['cyan', 'arrow'],
  last: ['grey', 'arrow'],
} as const;

export default class DeployPlan extends PhonectlCommand<Plan> {
  static override summary = 'Lists the ways to bring one phone here, in the order in which to try them.';
  static override examples = [
    'phonectl deploy plan --mac 00:04:f2:ab:cd:ef',
    'phonectl deploy plan --mac 805ec0a1b2c3 --json',
  ];
  static override flags = {
    mac: string({ summary: 'MAC address, in any spelling.', helpValue: 'MAC', required: true }),
  };
  static override view = textView<Plan>((plan, style) => [
    [
      plan.mac,
      plan.vendor ?? 'vendor unknown',
      plan.model ?? '',
      plan.seenAt === null ? 'never seen' : `seen ${plan.seenAt}`,
    ]
      .filter((part) => part !== '')
      .map(cleanText)
      .join(' · '),
    ...plan.steps.flatMap(({ order, title, state, why, steps }) => {
      const [colour, symbol] = LOOKS[state];
      return [
        '',
        `${style.paint(colour, style.symbol(symbol))} ${order}. ${style.paint('bold', title)}  ${style.paint('dim', state === 'try' ? '' : state)}`.trimEnd(),
        `     ${why}`,
        ...steps.map((step) => `     - ${cleanText(step)}`),
      ];
    }),
  ]);

  override async run(): Promise<Plan> {
    const { flags } = await this.parse(DeployPlan);
    return await this.phonectl.deploy.plan({ mac: flags.mac }, { signal: this.signal });
  }
}
