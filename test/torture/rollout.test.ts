/**
 * A rollout over some hundred lab phones of which 30 % refuse the image, whose runner dies on the way: it halts as
 * promised, goes on when it is told to, and in the end exactly those run the release that can. `npm run torture`.
 */
import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { createPhonectl } from '../../src/sdk/index.ts';
import { playedFleet } from '../support/played.ts';
import { bytes } from '../support/streams.ts';

type Finished = ControlEvent & { readonly type: 'finished' };

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 300);
const OLD = '6.4.6.2453';
const NEW = '6.4.8.1234';

async function finished(events: AsyncIterable<ControlEvent>): Promise<Finished> {
  for await (const event of events) if (event.type === 'finished') return event;
  throw new Error('it did not finish');
}

describe('torture: a rollout that a third of the phones refuses', function () {
  this.timeout(1_800_000);

  it(`over ${PHONES} phones, with runners that die`, async () => {
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
    console.log(`    halted: ${report.reason} ${JSON.stringify(report.summary)}`);

    // Runners come and go: each is stopped after a while, and another one looks at what it left.
    const path = fleet.home.path;
    let died = 0;
    let last = await stopped(path, task, 3000);
    while (last.summary.pending > 0 && died < 60) {
      died += 1;
      last = await stopped(path, task, 3000);
    }
    assert.equal(last.state, 'done', JSON.stringify(last.summary));
    const after = await firmware.report({ task });
    for (const { device, result } of after.results) {
      assert.equal(result, refusing.has(device) ? 'failure' : 'success', device);
      assert.equal(runs(device), refusing.has(device) ? OLD : NEW, device);
    }
    assert.equal(after.problems[0]?.devices, refusing.size);
    console.log(`    done after ${died} stops: ${JSON.stringify(after.summary)}`);

    // With the fault gone, a retry is for the failed ones only.
    for (const mac of refusing) delete fleet.lab.phone(mac).faults.refuseFirmware;
    const again = await finished(tasks.retry({ task }));
    assert.deepEqual([again.summary.total, again.summary.success], [refusing.size, refusing.size]);
    assert.ok(vvx.every((mac) => runs(mac) === NEW));
  });
});

/** Resumes the task in a client of its own, which is told to stop after some milliseconds. */
async function stopped(home: string, task: number, milliseconds: number): Promise<Finished> {
  const phonectl = createPhonectl({ home, actor: 'tester' });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), milliseconds);
  try {
    return await finished(phonectl.tasks.resume({ task, maxFailures: '100%' }, { signal: stop.signal }));
  } finally {
    clearTimeout(timer);
    await phonectl.close();
  }
}
