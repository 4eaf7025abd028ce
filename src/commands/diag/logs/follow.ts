import { boolean, integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { runsUntilStopped } from '../../../cli/session.ts';
import { cleanText } from '../../../cli/text.ts';

/** Milliseconds after which somebody wonders. */
const LONG = 2_000;
const SILENCE =
  'Nothing has come by syslog of this phone. Does the server receive it (phonectl serve --syslog ADDRESS), and is the ' +
  'phone told to send it there (phonectl diag logs show)? What it logs itself: phonectl diag logs get.';

export default class DiagLogsFollow extends PhonectlCommand<void> {
  static override summary = 'Shows what the server received by syslog of a phone, and what comes.';
  static override description =
    'The server has to receive it (`phonectl serve --syslog ADDRESS`), which tells phones to send it there at their next ' +
    'poll, as far as they can. Each line: when, from where, severity, text. Ends with Ctrl-C. ' +
    'Secrets are replaced by asterisks without --show-secrets, which is recorded.';
  static override examples = [
    'phonectl diag logs follow reception',
    'phonectl diag logs follow reception --lines 200 --once',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    lines: integer({ summary: 'The last so many lines first. Default 20.', helpValue: 'N', min: 0, max: 10_000 }),
    once: boolean({ summary: 'Show what is there and end.' }),
    'show-secrets': boolean({ summary: 'Leave passwords in the lines; this is recorded.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(DiagLogsFollow);
    runsUntilStopped();
    const input = {
      device: args.device,
      follow: !flags.once,
      ...(flags.lines !== undefined && { lines: flags.lines }),
      ...(flags['show-secrets'] && { showSecrets: true }),
    };
    let none = true;
    const silence = setTimeout(() => this.note(SILENCE), LONG);
    try {
      for await (const { line } of this.phonectl.diagnostics.syslog(input, { signal: this.signal })) {
        clearTimeout(silence);
        await this.out.write(`${cleanText(line)}\n`);
        none = false;
      }
    } finally {
      clearTimeout(silence);
    }
    if (none && flags.once) this.note(SILENCE);
  }
}
