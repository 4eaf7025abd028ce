import { boolean, integer, string } from '@oclif/core/flags';
import type { ControlBatch } from '../../../cli/control.ts';
import { controlCommandFlags, DiagnosisCommand, switched, UNTIL_ENDED } from '../../../cli/diagnosis-command.ts';
import { choice } from '../../../cli/flags.ts';
import { readSecret, secretFlags } from '../../../cli/secrets.ts';

export default class DiagLogsBackup extends DiagnosisCommand {
  static override summary = 'Makes phones upload their log, once a day or more often, or stop doing so.';
  static override description =
    'Without --url they upload it to our server, which keeps it for 10 days: `phonectl device log list`. ' +
    UNTIL_ENDED;
  static override examples = [
    'phonectl diag logs backup reception --on --every 60',
    'phonectl diag logs backup reception --on --url https://logs.example.net/in/ --user phones --password-file ./password',
  ];
  static override flags = {
    ...controlCommandFlags,
    ...secretFlags('password', 'password for the server'),
    on: boolean({ summary: 'Upload it.', exclusive: ['off'] }),
    off: boolean({ summary: 'Upload nothing.' }),
    url: string({ summary: 'Folder on another server.', helpValue: 'URL' }),
    user: string({ summary: 'Login at that server.', helpValue: 'NAME', dependsOn: ['url'] }),
    method: choice(['put', 'post'], { summary: 'How it is uploaded.' }),
    mode: choice(['append', 'overwrite'], { summary: 'What happens to what is there.' }),
    every: integer({ summary: 'Minutes between two uploads. Default a day.', helpValue: 'N', min: 1, max: 43_200 }),
  };

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DiagLogsBackup);
    const { url, user, method, mode, every } = flags;
    const on = switched(flags);
    const ask = user === undefined ? undefined : { message: `Password of ${user}:` };
    const password = await readSecret(this.prompts, flags, 'password', ask);
    const backup = {
      on,
      ...(url !== undefined && { url }),
      ...(user !== undefined && { username: user }),
      ...(method !== undefined && { method }),
      ...(mode !== undefined && { mode }),
      ...(every !== undefined && { every }),
    };
    return this.setLogs({ flags, devices: args.devices }, { backup }, password);
  }
}
