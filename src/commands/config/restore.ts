import { boolean, integer } from '@oclif/core/flags';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { MacFile, MacFileRestored } from '../../sdk/macfiles/mac-files.ts';

type Result = MacFileRestored | readonly MacFile[];

export default class ConfigRestore extends PushingCommand<Result> {
  static override summary = 'Makes an earlier version of a MAC file hold again, or none; without a flag lists them.';
  static override examples = [
    'phonectl config restore reception',
    'phonectl config restore reception --version 2',
    'phonectl config restore reception --none --dry-run',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    ...pushFlags,
    version: integer({ summary: 'The version that is to hold.', helpValue: 'N', min: 1, exclusive: ['none'] }),
    none: boolean({ summary: 'No MAC file holds any more; the versions stay.' }),
  };
  static override view = textView<Result>((result) =>
    'device' in result
      ? `${result.device}: ${result.version === null ? 'no MAC file holds' : `version ${result.version} holds`}.`
      : result.map(
          ({ version, active, source, parameters, author, createdAt }) =>
            `${active ? '*' : ' '} ${version}  ${createdAt.slice(0, 16)}  ${count(parameters, 'parameter')}  ${author}  ${source}`,
        ),
  );

  override async run(): Promise<Result> {
    const { args, flags } = await this.parse(ConfigRestore);
    const [device = ''] = await this.references([args.device]);
    const { macFiles } = this.phonectl;
    if (flags.version === undefined && !flags.none) {
      const versions = await macFiles.macHistory({ device }, { signal: this.signal });
      if (versions.length > 0) return versions;
      throw new PhonectlError('not_found', `${device} has no MAC file.`, {
        hints: ['Give it one: phonectl config upload FILE, or phonectl config backup DEVICE'],
      });
    }
    const version = flags.none ? null : (flags.version ?? null);
    return await macFiles.macRestore({ device, version, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
