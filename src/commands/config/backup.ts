import { boolean } from '@oclif/core/flags';
import { macFileLines } from '../../cli/columns/mac-files.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { MacFileWritten } from '../../sdk/macfiles/mac-files.ts';

export default class ConfigBackup extends PushingCommand<readonly MacFileWritten[]> {
  static override summary = 'Makes what phones override themselves their MAC files, so that a reset does not lose it.';
  static override description =
    'Taken from the settings that the phone sent when somebody changed them there. A MAC file that exists is replaced ' +
    'and kept as an earlier version.';
  static override examples = ['phonectl config backup reception', 'phonectl config backup reception bar-2 --yes'];
  static override args = requiredDeviceArgs;
  static override flags = {
    ...pushFlags,
    'allow-protected': boolean({ summary: 'Also what decides who holds the phone.' }),
  };
  static override view = textView<readonly MacFileWritten[]>((files, style) =>
    files.flatMap((file) => macFileLines(file, style)),
  );

  override async run(): Promise<readonly MacFileWritten[]> {
    const { args, flags } = await this.parse(ConfigBackup);
    const devices = await this.references(args.devices);
    const replaced: string[] = [];
    for (const device of devices) {
      const versions = await this.phonectl.macFiles.macHistory({ device }, { signal: this.signal });
      if (versions.some(({ active }) => active)) replaced.push(device);
    }
    if (!flags['dry-run'] && replaced.length > 0) {
      await this.confirm('destructive', replaced.length, `replace ${count(replaced.length, 'MAC file')}`);
    }
    const results: MacFileWritten[] = [];
    for (const device of devices) {
      const input = { device, dryRun: flags['dry-run'], allowProtected: flags['allow-protected'] };
      results.push(await this.phonectl.macFiles.macBackup(input, { signal: this.signal }));
    }
    return results;
  }
}
