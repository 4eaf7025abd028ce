import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { RESOURCE_COLUMNS } from '../../cli/columns/resources.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Resource } from '../../sdk/resources/resources.ts';

export default class ResourceShow extends PhonectlCommand<Resource> {
  static override summary = 'Shows a resource with its URL and checksum.';
  static override examples = ['phonectl resource show ring.wav', 'phonectl resource show ring.wav --json'];
  static override args = { resource: string({ required: true, description: 'Name or id.' }) };
  static override flags = viewFlags;
  static override view = showView<Resource>(RESOURCE_COLUMNS.map((column) => ({ ...column, extra: false })));

  override async run(): Promise<Resource> {
    const { args } = await this.parse(ResourceShow);
    return await this.phonectl.resources.show({ resource: args.resource }, { signal: this.signal });
  }
}
