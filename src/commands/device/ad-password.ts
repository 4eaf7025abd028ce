import { integer } from '@oclif/core/flags';
import type { ControlBatch } from '../../cli/control.ts';
import { ControlCommand, controlCommandFlags } from '../../cli/control-command.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import { PhonectlError } from '../../sdk/errors.ts';

export default class DeviceAdPassword extends ControlCommand {
  static override summary = 'Sets the Active Directory password that devices log in with.';
  static override description =
    'It runs as a task that sets parameters (`phonectl task list --type set`). The password is sealed in it and shown ' +
    'nowhere. Success means that the phone says that it keeps it.';
  static override examples = [
    'phonectl device ad-password reception --password-stdin < password.txt',
    'phonectl device ad-password --group boardrooms --password-file password.txt --yes',
  ];
  static override flags = {
    ...controlCommandFlags,
    ...secretFlags('password', 'password'),
    line: integer({ summary: 'The line that logs in. Default 1.', helpValue: 'N', min: 1, max: 34 }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceAdPassword);
    const password = await readSecret(this.prompts, flags, 'password', {
      message: 'Active Directory password:',
      repeat: true,
    });
    if (password === undefined) throw new PhonectlError('usage', 'No password was given.');
    return this.act({
      flags,
      devices: args.devices,
      effect: 'disruptive',
      verb: 'set the password of',
      doing: 'Setting the password',
      run: (input) =>
        this.phonectl.commands.adPassword(
          { ...input, password, ...(flags.line !== undefined && { line: flags.line }) },
          { signal: this.signal },
        ),
    });
  }
}
