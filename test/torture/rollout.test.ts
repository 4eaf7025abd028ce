/**
 * A rollout over some hundred lab phones of which 30 % refuse the image, whose runners are killed on the way: it halts as
 * promised, goes on when it is told to, and in the end exactly those run the release that can. `npm run torture`.
 */
import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { startCli } from '../cli/harness.ts';
import { playedFleet } from '../support/played.ts';
import { bytes } from '../support/streams.ts';

type Finished = ControlEvent & { readonly type: 'finished' };

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 300);
const KILLS = Number(process.env['PHONECTL_TORTURE_KILLS'] ?? 5);
const OLD = '6.4.6.2453';
const NEW = '6.4.8.1234';

async function finished(events: AsyncIterable<ControlEvent>): Promise<Finished> {
  for await (const event of events) if (event.type === 'finished') return event;
  throw new Error('it did not finish');
}

describe('torture: a rollout that a third of the phones refuses', function () {
  this.timeout(1_800_000);

  it(`over ${PHONES} phones, with runners that are killed`, async () => {
    await using fleet = await playedFleet({ phones: PHONES, speed: 100, mix: { poly: 100, yealink: 0, cisco: 0 } });
    const vvx = fleet.macs.filter((mac) => fleet.lab.phone(mac).model.startsWith('VVX'));
    const refusing = new Set(vvx.filter((_, index) => index >= 30 && index % 10 < 3));
    for (const mac of refusing) fleet.lab.phone(mac).faults.refuseFirmware = true;
    const runs = (mac: string): string => fleet.lab.phone(mac).firmware;
    const { firmware, tasks } = fleet.phonectl;
    await firmware.add({ source: bytes('firmware '.repeat(20_000)), file: 'sip.ld', version: NEW });

    const wish = { firmware: NEW, selector: { refs: vvx }, canary: 2, batch: '25%' as const, timeout: 120 };
    const first = await finished(firmware.rollout({ ...wish, maxFailures: '5%', concurrency: 50 }));
    assert.equal(first.state, 'halted');
    const task = first.task!;
    const report = await firmware.report({ task });
    // From 20 on, 5 %: what is in flight may still come in, and no more than that.
    assert.ok(report.summary.failure <= Math.floor(vvx.length * 0.05) + 1, JSON.stringify(report.summary));
    for (const { device, result } of report.results) {
      if (result === 'failure') assert.ok(refusing.has(device), device);
      assert.equal(runs(device), result === 'success' ? NEW : OLD, `${device}: ${result}`);
    }

    await finished(tasks.resume({ task, maxFailures: '100%', wait: false }));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await runAndKill(fleet.home.env, task, 4000 + 1500 * kill);
      // What is confirmed stays: nobody who runs it is begun again.
      const { results } = await firmware.report({ task });
      for (const { device, result } of results) if (result === 'success') assert.equal(runs(device), NEW, device);
    }
    // A small fleet may be through by now.
    if ((await tasks.show({ task })).counters.inProgress > 0) await finished(tasks.run({ task }));
    assert.equal((await tasks.show({ task })).state, 'done');
    const after = await firmware.report({ task });
    for (const { device, result } of after.results) {
      assert.equal(result, refusing.has(device) ? 'failure' : 'success', device);
      assert.equal(runs(device), refusing.has(device) ? OLD : NEW, device);
    }
    // Who took over after a kill may have seen less of it, and says so in other words.
    const said = after.problems.map(({ reason, devices }) => `${devices}: ${reason}`);
    assert.equal(
      after.problems.reduce((sum, { devices }) => sum + devices, 0),
      refusing.size,
      said.join('\n'),
    );
    for (const { reason } of after.problems) assert.match(reason, /still runs/, said.join('\n'));

    // With the fault gone, a retry is for the failed ones only.
    for (const mac of refusing) delete fleet.lab.phone(mac).faults.refuseFirmware;
    const again = await finished(tasks.retry({ task }));
    assert.deepEqual([again.summary.total, again.summary.success], [refusing.size, refusing.size]);
    assert.ok(vvx.every((mac) => runs(mac) === NEW));
  });
});

/** Runs the task in a process of its own, which is killed after some milliseconds. */
async function runAndKill(env: Readonly<Record<string, string>>, task: number, milliseconds: number): Promise<void> {
  const child = startCli(['task', 'run', String(task)], { env });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  await gone;
  clearTimeout(timer);
}
