import { string } from '@oclif/core/args';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { GroupsDeleted } from '../../sdk/groups/write.ts';

export default class GroupDelete extends PushingCommand<GroupsDeleted> {
  static override summary = 'Deletes device groups; their devices stay.';
  static override examples = ['phonectl group delete lobby', 'phonectl group delete lobby bar --yes'];
  static override args = {
    groups: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = pushFlags;
  static override view = textView<GroupsDeleted>((result, style) =>
    result.deleted.map((name) => `${style.paint('green', style.symbol('ok'))} Group ${cleanText(name)} deleted.`),
  );

  override async run(): Promise<GroupsDeleted> {
    const { args, flags } = await this.parse(GroupDelete);
    const groups = await this.references(args.groups);
    const plan = await this.phonectl.groups.delete({ groups, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    const { length } = plan.deleted;
    await this.confirm(
      'destructive',
      length,
      `delete ${count(length, 'group')} with ${count(plan.devices, 'membership')}`,
    );
    return await this.phonectl.groups.delete({ groups }, { signal: this.signal });
  }
}
