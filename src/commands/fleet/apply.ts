import { boolean, string } from '@oclif/core/flags';
import { fleetLines } from '../../cli/columns/fleet.ts';
import { type ControlBatch, controlExit } from '../../cli/control.ts';
import { writeFlags } from '../../cli/flags.ts';
import { folderArg, pruneFlag, secretsFile, secretsFileFlags } from '../../cli/fleet-flags.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { readDigest } from '../../cli/plan-file.ts';
import { pushLines } from '../../cli/pushing.ts';
import { runInput, type StrategyFlagValues, strategyFlags } from '../../cli/run-flags.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { FleetApplied } from '../../sdk/fleet/plan.ts';

interface Applied extends FleetApplied {
  /** With --wait: what became of the phones that get something else. */
  readonly push?: ControlBatch;
}

export default class FleetApply extends FollowingCommand<Applied> {
  static override summary = 'Makes the fleet what a fleet folder says.';
  static override description =
    'What the folder names becomes as it says there; what it does not name stays, unless --prune is given. Tried out on ' +
    'a copy first: when anything is wrong, nothing happens. Applied twice, it changes nothing; interrupted, the same ' +
    'command completes it. With --wait the phones are told to fetch and seen to run it: exit status 3 when some failed, 8 ' +
    'when some are away and get it at their next contact; the same command again waits for these.';
  static override examples = [
    'phonectl fleet apply ./fleet --dry-run',
    'phonectl fleet apply ./fleet --plan plan.json --wait --yes',
    'phonectl fleet apply ./fleet --secrets fleet.secrets --passphrase-file passphrase.txt --yes',
  ];
  static override args = folderArg;
  static override flags = {
    ...pruneFlag,
    ...secretsFileFlags,
    plan: string({
      summary: 'The plan that was looked at; refused with exit status 6 when this would be another one.',
      helpValue: 'FILE',
    }),
    reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }),
    'exit-code': boolean({ summary: 'Exit with 20 when something was changed.' }),
    wait: boolean({ summary: 'Bring it to the phones at once, and wait until they run it.' }),
    ...strategyFlags,
    ...writeFlags,
  };
  static override view = textView<Applied>(
    (result, style) => [
      ...fleetLines(result, style),
      ...(result.applied ? [`${style.paint('green', style.symbol('ok'))} Applied.`] : []),
      ...(result.push === undefined ? [] : pushLines(result.push, style)),
    ],
    ({ push }) => (push === undefined ? EXIT.ok : controlExit(push)),
  );

  override async run(): Promise<Applied> {
    const { args, flags } = await this.parse(FleetApply);
    const { sendFolder } = await import('../../cli/fleet-folder.ts');
    const sealed = await secretsFile(this.prompts, flags, { repeat: false });
    const reviewed = flags.plan === undefined ? undefined : await readDigest(flags.plan);
    const input = { prune: flags.prune, reason: flags.reason };
    const send = async (): Promise<AsyncIterable<Uint8Array>> => await sendFolder(args.folder, sealed);
    await this.progress('Planning');
    const planned = await this.phonectl.fleets.apply(
      { ...input, source: await send(), digest: reviewed, dryRun: true },
      { signal: this.signal },
    );
    if (flags['exit-code'] && planned.different) this.exitWith(EXIT.differences);
    if (flags['dry-run']) return planned;
    if (!planned.different) return flags.wait ? await this.#push(planned, await this.#behind(), flags) : planned;
    const { phones, phonesRemoved } = planned;
    const touched = phones.devices + phonesRemoved;
    await this.confirm(phonesRemoved > 0 ? 'destructive' : 'disruptive', touched, `change ${count(touched, 'phone')}`);
    await this.progress('Applying');
    const applied = await this.phonectl.fleets.apply(
      { ...input, source: await send(), digest: planned.digest },
      { signal: this.signal },
    );
    return flags.wait ? await this.#push(applied, applied.affected, flags) : applied;
  }

  async #push(applied: FleetApplied, affected: readonly string[], flags: StrategyFlagValues): Promise<Applied> {
    if (affected.length === 0) return applied;
    const request = { selector: { refs: [...affected] }, ...runInput({ ...flags, wait: true }) };
    const events = this.phonectl.pushes.push(request, { signal: this.signal });
    return { ...applied, push: await this.follow(events, 'Bringing the configuration') };
  }

  /** Phones that an earlier run has not brought it to: run again, the same command waits for these. */
  async #behind(): Promise<readonly string[]> {
    const behind: string[] = [];
    const known = this.phonectl.pushes.status({ selector: { all: true } }, { signal: this.signal });
    for await (const { device, state, servedAt } of known) {
      // One that has never fetched anything is still to be deployed.
      if (state === 'pending' && servedAt !== null) behind.push(device);
    }
    return behind;
  }
}
