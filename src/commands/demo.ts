import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../cli/base.ts';
import { runsUntilStopped } from '../cli/session.ts';
import { cleanText } from '../cli/text.ts';
import { type Column, listView, textView } from '../cli/view.ts';
import type { DemoDevice, DemoEvent, DemoResult } from '../sdk/demo/demo.ts';
import { EXIT } from '../sdk/errors.ts';

const COLUMNS: readonly Column<DemoDevice>[] = [
  { name: 'name' },
  { name: 'ext', get: ({ lines }) => lines.map(({ extension }) => extension).join(' ') },
  { name: 'vendor', priority: 6 },
  { name: 'model' },
  { name: 'site' },
  { name: 'sip', kind: 'state' },
  { name: 'firmware', priority: 4 },
  { name: 'lastSeen', kind: 'time', header: 'SEEN', priority: 5 },
  // The day is today: on a terminal the time is enough.
  {
    name: 'reboot',
    priority: 1,
    text: ({ reboot }) => cleanText((reboot ?? '–').replace(/\d{4}-\d\d-\d\dT([\d:]{8})[.\d]*Z/, '$1')),
  },
];

export default class Demo extends PhonectlCommand<readonly DemoDevice[] | DemoResult> {
  static override local = true;
  static override summary = 'Shows everything on a throw-away fleet of simulated phones, in under a minute.';
  static override description =
    'Makes a home, imports sites, accounts and phones of three vendors, starts the server, boots simulated phones from ' +
    'it, reboots five by their vendors’ own interfaces, and cleans up. Nothing of it touches your own fleet.';
  static override examples = ['phonectl demo', 'phonectl demo --keep', 'phonectl demo --json'];
  static override flags = {
    keep: boolean({ summary: 'Leave the fleet running to play with, until Ctrl-C.' }),
  };

  #events: AsyncIterator<DemoEvent> | undefined;

  override async run(): Promise<readonly DemoDevice[] | DemoResult> {
    const { flags } = await this.parse(Demo);
    if (flags.keep) runsUntilStopped();
    this.#events = this.phonectl.demo({ keep: flags.keep, signal: this.signal })[Symbol.asyncIterator]();
    const { result, devices } = await this.#untilFinished(this.#events);
    if (result.failed > 0) this.exitWith(EXIT.failed);
    if (this.format !== 'table') {
      this.view(textView<DemoResult>(() => ''));
      return result;
    }
    this.view(listView<DemoDevice>(COLUMNS));
    this.noteAfter(
      async () =>
        `${result.provisioned} of ${result.devices} phones hold their own configuration, ` +
        `${result.rebooted} rebooted and came back, ${result.seconds} s.`,
    );
    return devices;
  }

  async #untilFinished(events: AsyncIterator<DemoEvent>): Promise<Extract<DemoEvent, { type: 'finished' }>> {
    const progress = await this.progress('Starting');
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      const event = next.value;
      if (event.type === 'finished') {
        progress.stop();
        return event;
      }
      if (event.type === 'step') this.note(event.text);
      if (event.type !== 'kept') progress.update(event.text);
    }
    throw new Error('The demo ended without a result.');
  }

  /** Goes on with what comes after the table: keeping the fleet until Ctrl-C, and cleaning up. */
  protected override async afterwards(): Promise<void> {
    for (let next = await this.#events?.next(); next?.done === false; next = await this.#events?.next()) {
      if (next.value.type !== 'kept') continue;
      const { home, keyFile } = next.value;
      this.note('The fleet keeps running. In another shell:');
      this.note(`  export PHONECTL_HOME=${home} PHONECTL_KEY_FILE=${keyFile}`);
      this.note('  phonectl device list');
      this.note('Ctrl-C ends it and removes everything.');
    }
  }
}
