import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { fleetLines } from '../../cli/columns/fleet.ts';
import { writeFlags } from '../../cli/flags.ts';
import { folderArg, pruneFlag, secretsFile, secretsFileFlags } from '../../cli/fleet-flags.ts';
import { readDigest } from '../../cli/plan-file.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { FleetApplied } from '../../sdk/fleet/plan.ts';

export default class FleetApply extends PhonectlCommand<FleetApplied> {
  static override summary = 'Makes the fleet what a fleet folder says.';
  static override description =
    'What the folder names becomes as it says there; what it does not name stays, unless --prune is given. Tried out on ' +
    'a copy first: when anything is wrong, nothing happens. Applied twice, it changes nothing; interrupted, the same ' +
    'command completes it.';
  static override examples = [
    'phonectl fleet apply ./fleet --dry-run',
    'phonectl fleet apply ./fleet --plan plan.json --yes',
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
    ...writeFlags,
  };
  static override view = textView<FleetApplied>((result, style) => [
    ...fleetLines(result, style),
    ...(result.applied ? [`${style.paint('green', style.symbol('ok'))} Applied.`] : []),
  ]);

  override async run(): Promise<FleetApplied> {
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
    if (flags['dry-run'] || !planned.different) return planned;
    const { phones, phonesRemoved } = planned;
    const touched = phones.devices + phonesRemoved;
    await this.confirm(phonesRemoved > 0 ? 'destructive' : 'disruptive', touched, `change ${touched} phones`);
    await this.progress('Applying');
    return await this.phonectl.fleets.apply(
      { ...input, source: await send(), digest: planned.digest },
      { signal: this.signal },
    );
  }
}
