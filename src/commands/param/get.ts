import { boolean, integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { ParameterReport } from '../../sdk/params/get.ts';

export default class ParamGet extends PhonectlCommand<AsyncIterable<ParameterReport>> {
  static override summary = 'Asks phones what they run under these names.';
  static override description =
    'The layer is where the value comes from, in the words of the phone. Passwords are not shown by phones.';
  static override examples = [
    'phonectl param get reception --name up.backlight.idleIntensity',
    'phonectl param get --site Berlin --name device.prov.serverName --name reg.1.address --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...listFlags,
    ...selectorFlags,
    name: string({ summary: 'A parameter; repeat it for more.', required: true, multiple: true, helpValue: 'NAME' }),
    concurrency: integer({ summary: 'Phones at the same time.', helpValue: 'N', min: 1, max: 1000 }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to phones that know nothing better.' }),
  };
  static override view = listView<ParameterReport>([
    { name: 'device' },
    { name: 'name', priority: 3 },
    { name: 'parameter', get: ({ parameter }) => parameter ?? '' },
    { name: 'value', get: ({ value }) => value ?? '' },
    { name: 'layer', get: ({ layer }) => layer ?? '', priority: 2 },
    { name: 'reason', get: ({ reason }) => reason ?? '' },
  ]);

  override async run(): Promise<AsyncIterable<ParameterReport>> {
    const { args, flags } = await this.parse(ParamGet);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = {
      selector,
      names: flags.name,
      ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
      ...(flags['plain-basic'] && { plainBasic: true }),
    };
    return this.#heeded(this.phonectl.parameters.get(input, { signal: this.signal }));
  }

  /** A phone that did not answer is a failure, and so is a name that no phone knows. */
  async *#heeded(reports: AsyncIterable<ParameterReport>): AsyncGenerator<ParameterReport> {
    const [known, asked] = [new Set<string>(), new Set<string>()];
    for await (const report of reports) {
      const { parameter, result, value, layer } = report;
      if (parameter !== null) asked.add(parameter);
      if (parameter !== null && (value !== null || layer !== null)) known.add(parameter);
      if (result === 'failure') this.exitWith(EXIT.failed);
      yield report;
    }
    if (asked.size > known.size) this.exitWith(EXIT.failed);
  }
}
