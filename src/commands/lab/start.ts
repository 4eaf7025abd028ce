import { boolean, integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { detachLab } from '../../cli/detach.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Mix } from '../../sdk/lab/fleet.ts';
import type { PlayEvent } from '../../sdk/lab/play.ts';

type Started = { phones: number; running: number; pid?: number; seconds?: number };

export default class LabStart extends PhonectlCommand<Started | undefined> {
  static override local = true;
  static override summary = 'Starts simulated phones that boot from the running server.';
  static override description =
    'The phones play devices of the inventory, or made-up ones that are first added to it. Each has a loopback address ' +
    'of its own, answers its control interfaces there and behaves as its vendor does. Runs until Ctrl-C.';
  static override examples = [
    'phonectl lab start --phones 20',
    'phonectl lab start --site Berlin --speed 10',
    'phonectl lab start --phones 1000 --mix poly=40,yealink=40,cisco=20 --detach --wait',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    phones: integer({ summary: 'Add this many made-up phones and play them.', helpValue: 'N', min: 1, max: 50_000 }),
    mix: string({
      summary: 'Shares of the vendors among made-up phones.',
      helpValue: 'poly=40,yealink=40,cisco=20',
      dependsOn: ['phones'],
    }),
    speed: integer({ summary: 'How much faster than real time phones reboot.', default: 1, min: 1, max: 1000 }),
    'refuse-firmware': integer({
      summary: 'This share of the phones fetches new firmware and refuses it.',
      helpValue: 'PERCENT',
      min: 0,
      max: 100,
    }),
    detach: boolean({ summary: 'Run in the background; end it with `phonectl lab stop`.' }),
    wait: boolean({ summary: 'With --detach: return when every phone is running.', dependsOn: ['detach'] }),
  };
  static override view = textView<Started>(({ phones, running, pid, seconds }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${running} of ${phones} simulated phones run` +
      `${seconds === undefined ? '' : ` after ${seconds.toFixed(1)} s`}${pid === undefined ? '' : ` (process ${pid})`}.`,
    ...(pid === undefined ? [] : ['See them: phonectl lab status. End them: phonectl lab stop.']),
  ]);

  override async run(): Promise<Started | undefined> {
    const { args, flags } = await this.parse(LabStart);
    const selector = toSelector(flags, await this.references(args.devices));
    if (flags.phones === undefined) requireSelection(selector);
    if (flags.detach) return await detachLab(this.phonectl, this.argv, { wait: flags.wait, signal: this.signal });
    const events = this.phonectl.simulator.play({
      ...(flags.phones === undefined ? { selector } : { phones: flags.phones }),
      ...(flags.mix !== undefined && { mix: parseMix(flags.mix) }),
      speed: flags.speed,
      ...(flags['refuse-firmware'] !== undefined && { refuseFirmware: flags['refuse-firmware'] / 100 }),
      signal: this.signal,
    });
    const progress = await this.progress('Starting phones');
    for await (const event of events) {
      if (event.type === 'running') progress.stop();
      const text = say(event);
      if (text !== undefined && event.type === 'progress') progress.update(text);
      else if (text !== undefined) this.note(text);
    }
    return undefined;
  }
}

function say(event: PlayEvent): string | undefined {
  switch (event.type) {
    case 'started': {
      const left =
        event.left.length === 0 ? '' : `; ${event.left.length} devices cannot be played (${event.left[0]!.reason})`;
      return `${event.phones} phones boot${left}.`;
    }
    case 'progress':
      return `${event.running} of ${event.total} run${event.failing === 0 ? '' : `, ${event.failing} cannot provision`}`;
    case 'running':
      return `All ${event.phones} phones run after ${event.seconds.toFixed(1)} s. Ctrl-C ends the lab.`;
    case 'stopped':
      return 'The lab is stopped.';
  }
}

/** `poly=40,yealink=40,cisco=20`: shares, not counts. */
function parseMix(text: string): Mix {
  const mix = { poly: 0, yealink: 0, cisco: 0 };
  for (const part of text.split(',')) {
    const [, vendor, share] = /^\s*(poly|yealink|cisco)=(\d{1,6})\s*$/.exec(part) ?? [];
    if (vendor === undefined) throw wrongMix(text);
    mix[vendor as keyof typeof mix] = Number(share);
  }
  if (mix.poly + mix.yealink + mix.cisco === 0) throw wrongMix(text);
  return mix;
}

function wrongMix(text: string): PhonectlError {
  return new PhonectlError('usage', `--mix "${text}" is not a list of shares.`, {
    hints: ['Write it like --mix poly=40,yealink=40,cisco=20; at least one share is above 0.'],
  });
}
