import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';

interface Verified {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly result: 'ok' | 'missing' | 'changed';
}

export default class FirmwareVerify extends PhonectlCommand<readonly Verified[]> {
  static override summary = 'Reads every firmware image and compares it with its SHA-256.';
  static override description =
    'Exit status 6 when a file is gone or changed; phones get none of it meanwhile, since the server checks as well.';
  static override examples = ['phonectl firmware verify', 'phonectl firmware verify --json'];
  static override flags = listFlags;
  static override view = listView<Verified>([
    { name: 'name' },
    { name: 'file' },
    { name: 'result' },
    { name: 'sha256' },
  ]);

  override async run(): Promise<readonly Verified[]> {
    await this.parse(FirmwareVerify);
    await this.progress('Reading the files');
    const results = await Array.fromAsync(this.phonectl.firmware.verify({}, { signal: this.signal }));
    if (results.some(({ result }) => result !== 'ok')) this.exitWith(EXIT.conflict);
    return results;
  }
}
