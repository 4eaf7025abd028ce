import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../cli/base.ts';
import { cleanText, padEnd } from '../cli/text.ts';
import { textView } from '../cli/view.ts';
import type { Check } from '../sdk/doctor/check.ts';
import { EXIT } from '../sdk/errors.ts';

interface Examination {
  readonly summary: { readonly ok: number; readonly warn: number; readonly fail: number };
  readonly checks: readonly Check[];
}

const LOOKS = { ok: ['green', 'ok'], warn: ['yellow', 'warn'], fail: ['red', 'fail'] } as const;

export default class Doctor extends PhonectlCommand<Examination> {
  static override local = true;
  static override summary = 'Examines the installation: disk, clock, certificates, names, ports, settings, a phone.';
  static override description = 'Exit status 3 when something is wrong; warnings alone are 0.';
  static override examples = [
    'phonectl doctor',
    'phonectl doctor --device reception',
    'phonectl doctor --host prov.example.net --json',
  ];
  static override flags = {
    host: string({ summary: "Look at this server instead of the fleet's own.", helpValue: 'HOST[:PORT]' }),
    device: string({ summary: 'Look at this device, too.', helpValue: 'DEVICE' }),
  };
  static override view = textView<Examination>(
    ({ summary, checks }, style) => [
      ...checks.flatMap(({ id, status, found, remedy }) => {
        const [colour, symbol] = LOOKS[status];
        const word = style.paint(colour, padEnd(`${style.symbol(symbol)} ${status}`, 7));
        const line = `${word} ${padEnd(id, 30)} ${cleanText(found)}`;
        return remedy === undefined
          ? [line]
          : [line, `${' '.repeat(38)} ${style.symbol('arrow')} ${cleanText(remedy)}`];
      }),
      `${summary.ok} ok · ${summary.warn} to look at · ${summary.fail} wrong`,
    ],
    ({ summary }) => (summary.fail > 0 ? EXIT.failed : EXIT.ok),
  );

  override async run(): Promise<Examination> {
    const { flags } = await this.parse(Doctor);
    const progress = await this.progress('Looking');
    const checks: Check[] = [];
    const input = {
      ...(flags.host !== undefined && { host: flags.host }),
      ...(flags.device !== undefined && { device: flags.device }),
    };
    for await (const check of this.phonectl.doctor.examine(input, { signal: this.signal })) {
      checks.push(check);
      progress.update(check.id);
    }
    progress.stop();
    const number = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
    return { summary: { ok: number('ok'), warn: number('warn'), fail: number('fail') }, checks };
  }
}
