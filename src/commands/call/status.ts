import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import type { CallReport } from '../../sdk/calls/status.ts';

export default class CallStatus extends PhonectlCommand<AsyncIterable<CallReport>> {
  static override summary = 'Says which calls phones have, and with whom.';
  static override description =
    'Phones that cannot be asked tell by their events whether they are in a call; the source says which it is.';
  static override examples = ['phonectl call status reception', 'phonectl call status --site Berlin --json'];
  static override args = deviceArgs;
  static override flags = {
    ...listFlags,
    ...selectorFlags,
    concurrency: integer({ summary: 'Phones at the same time.', helpValue: 'N', min: 1, max: 1000 }),
  };
  static override view = listView<CallReport>([
    { name: 'device' },
    { name: 'name', priority: 3 },
    { name: 'inCall', header: 'IN A CALL', get: ({ inCall }) => (inCall === null ? 'N/A' : inCall ? 'yes' : 'no') },
    {
      name: 'calls',
      kind: 'list',
      get: ({ calls }) =>
        calls.map(({ state, remoteName, remoteNumber }) => `${state} ${remoteName ?? remoteNumber ?? ''}`.trim()),
    },
    { name: 'source', get: ({ source }) => source ?? '', priority: 2 },
    { name: 'reason', get: ({ reason }) => reason ?? '' },
  ]);

  override async run(): Promise<AsyncIterable<CallReport>> {
    const { args, flags } = await this.parse(CallStatus);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const concurrency = flags.concurrency === undefined ? {} : { concurrency: flags.concurrency };
    return this.phonectl.calls.status({ selector, ...concurrency }, { signal: this.signal });
  }
}
