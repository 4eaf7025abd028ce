/** Firmware to phones of the lab: they fetch the image, write it, restart and report it; or refuse it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { runCli, runShell } from '../cli/harness.ts';
import { examplesOf } from '../support/guides.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { bytes, failsWith } from '../support/streams.ts';

type Finished = ControlEvent & { readonly type: 'finished' };

async function finished(events: AsyncIterable<ControlEvent>): Promise<Finished> {
  for await (const event of events) if (event.type === 'finished') return event;
  throw new Error('it did not finish');
}

/** What phones tell is written a moment later. */
async function until(condition: () => Promise<boolean>, within = 10_000): Promise<void> {
  const end = Date.now() + within;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not reached in ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const IMAGE = 'firmware '.repeat(10_000);
const OLD = '6.4.6.2453';
const NEW = '6.4.8.1234';

describe('firmware rollout', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  let vvx: readonly string[];

  before(async () => {
    fleet = await playedFleet({ phones: 24, speed: 300, mix: { poly: 66, yealink: 17, cisco: 17 } });
    vvx = fleet.macs.filter((mac) => fleet.lab.phone(mac).model.startsWith('VVX'));
    const { firmware } = fleet.phonectl;
    await firmware.add({ source: bytes(IMAGE), file: 'sip.ld', version: NEW });
    await firmware.add({ source: bytes(IMAGE), file: 'T54W-96.86.0.100.rom' });
    await firmware.add({ source: bytes(IMAGE), file: 'sip88xx.12-0-7MPP0201-66.loads' });
    await until(async () => (await Array.fromAsync(firmware.running({ selector: {} }))).every((row) => row.firmware));
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  function runs(mac: string): string {
    return fleet.lab.phone(mac).firmware;
  }

  it('FW-04: says which devices do not fit, and why, before anything starts', async () => {
    const { firmware } = fleet.phonectl;
    const all = { firmware: NEW, selector: { all: true } };
    await assert.rejects(finished(firmware.rollout(all)), failsWith('conflict', /is nothing for \d+ of 24 devices/));
    await assert.rejects(finished(firmware.push(all)), failsWith('conflict', /is nothing for \d+ of 24 devices/));
    const plan = await firmware.plan({ ...all, batch: 5 });
    assert.deepEqual([plan.devices, plan.upgrade, plan.current], [24, vvx.length, 0]);
    assert.equal(plan.misfits.length, 24 - vvx.length);
    const reasons = new Set(plan.misfits.map(({ reason }) => reason.replace(/\d[\d.]+/g, 'N')));
    assert.deepEqual([...reasons].sort(), ['it runs N, which is newer than N', 'poly N is for poly phones']);
    // One of each model, then batches; three models of VVX are in the lab.
    assert.deepEqual(plan.waves[0], { wave: 0, devices: 3 });
    assert.equal(plan.bytes, vvx.length * IMAGE.length);
    const refused = await runCli(['firmware', 'rollout', NEW, '--all', '--yes', '--json'], { env: fleet.home.env });
    assert.deepEqual([refused.status, refused.stdout], [6, '']);
    assert.equal(JSON.parse(refused.stderr).error.details.misfits.length, plan.misfits.length);
    assert.deepEqual(await Array.fromAsync(fleet.phonectl.tasks.list({})), []);
  });

  it('Yealink and Cisco phones fetch it with their own login, and report it; what does not fit is left out', async () => {
    const { firmware } = fleet.phonectl;
    const wishes = [
      ['yealink', '96.86.0.100', 'T54W'],
      ['cisco', '12.0.7MPP0201-66', '8841'],
    ] as const;
    await Promise.all(
      wishes.map(async ([vendor, release, model]) => {
        const wish = { firmware: release, selector: { vendors: [vendor] }, fitting: true, timeout: 60 };
        const { results, task } = await finished(firmware.rollout({ ...wish, maxFailures: 1 }));
        const done = results.filter(({ result }) => result === 'success').map(({ device }) => device);
        assert.ok(done.some((mac) => fleet.lab.phone(mac).model === model));
        for (const mac of done) assert.match(release, new RegExp(`^${runs(mac)}`));
        assert.ok(results.every(({ result }) => result === 'success' || result === 'not-applicable'));
        const { moves } = await firmware.report({ task: task! });
        assert.deepEqual(
          moves.map(({ devices }) => devices),
          [done.length],
        );
      }),
    );
  });

  it('acceptance 4: a third refuses it: it halts as promised, says which and why, and what to type; nobody else changes', async () => {
    const refusing = vvx.filter((_, index) => [3, 4, 5, 9].includes(index));
    for (const mac of refusing) fleet.lab.phone(mac).faults.refuseFirmware = true;
    const { firmware } = fleet.phonectl;
    const wish = { firmware: NEW, selector: { refs: vvx }, maxFailures: '20%' as const, timeout: 60 };
    const end = await finished(firmware.rollout(wish));
    assert.equal(end.state, 'halted');
    const report = await firmware.report({ task: end.task! });
    assert.match(report.reason ?? '', /^3 of 12 failed: more than 20%\.$/);
    const [problem] = report.problems;
    assert.equal(report.problems.length, 1);
    assert.match(
      problem?.reason ?? '',
      /^It fetched the image, restarted, and still runs 6\.4\.6\.2453: it refused 6\.4\.8/,
    );
    assert.ok(problem !== undefined && problem.which.length > 0);
    for (const mac of problem.which) assert.ok(refusing.includes(mac));
    assert.deepEqual(report.moves, [{ from: OLD, to: NEW, devices: report.summary.success }]);
    assert.ok(report.next.some((command) => /^phonectl task resume \d+ --max-failures \d+%$/.test(command)));
    assert.ok(report.next.includes(`phonectl device status ${problem.which[0]}`));

    // Nothing jumps the queue: a reboot gives no phone what was not given to it, or was taken back.
    const untouched = report.results.filter(({ result }) => result === 'pending').map(({ device }) => device);
    assert.ok(untouched.length > 0);
    const rebooted = [...untouched, ...problem.which];
    for (const mac of problem.which) delete fleet.lab.phone(mac).faults.refuseFirmware;
    for (const mac of rebooted) fleet.lab.reboot(mac);
    await fleet.settled(rebooted);
    for (const mac of rebooted) assert.equal(runs(mac), OLD, mac);
    const kept = report.results.filter(({ result }) => result === 'success').map(({ device }) => device);
    for (const mac of kept) assert.equal(runs(mac), NEW, mac);
    await fleet.phonectl.tasks.end({ task: end.task! });
  });

  it('takes the steps between by itself, and leaves alone who runs it already', async () => {
    const { firmware } = fleet.phonectl;
    for (const mac of vvx) delete fleet.lab.phone(mac).faults.refuseFirmware;
    const path = "{ vendor: poly, families: [VVX], from: '<6.4.7', to: '>=6.4.8', via: '6.4.7', example: 6.4.7.1000 }";
    writeFileSync(join(fleet.home.path, 'upgrade-paths.yaml'), `paths:\n  - ${path}\n`);
    const old = vvx.filter((mac) => runs(mac) === OLD).slice(0, 1);
    const current = vvx.find((mac) => runs(mac) === NEW)!;
    const wish = { firmware: NEW, selector: { refs: [...old, current] }, timeout: 60 };
    await assert.rejects(finished(firmware.rollout(wish)), failsWith('conflict', /is nothing for 1 of 2/));
    await firmware.add({ source: bytes(IMAGE), file: 'sip.ld', version: '6.4.7.1000', name: 'between' });
    const plan = await firmware.plan(wish);
    assert.deepEqual(plan.moves[0]?.via, ['6.4.7.1000']);
    assert.equal(plan.current, 1);
    const { results, task } = await finished(firmware.rollout(wish));
    const outcome = new Map(results.map(({ device, result }) => [device, result]));
    assert.deepEqual(
      [...old, current].map((mac) => outcome.get(mac)),
      ['success', 'skipped'],
    );
    for (const mac of old) assert.equal(runs(mac), NEW);
    const { moves } = await firmware.report({ task: task! });
    assert.deepEqual(moves, [{ from: OLD, to: NEW, devices: 1 }]);
    // Now there is nothing to do, and no task is made of it.
    const nothing = await runCli(['firmware', 'rollout', NEW, ...old, current, '--yes'], { env: fleet.home.env });
    assert.deepEqual([nothing.status, nothing.stderr], [0, '']);
    assert.match(nothing.stdout, /^Nothing to do\.\n.* 2× {2}it runs 6\.4\.8\.1234 already\n$/);
  });

  it('FW-03: at a time, by the server: who runs it already is skipped', async () => {
    const { firmware, tasks } = fleet.phonectl;
    const old = vvx.filter((mac) => runs(mac) === OLD).slice(0, 1);
    const current = vvx.find((mac) => runs(mac) === NEW)!;
    const at = new Date(Date.now() + 1500).toISOString();
    const wish = { firmware: 'between', selector: { refs: [...old, current] }, downgrade: true, timeout: 60 };
    const plan = await finished(firmware.push({ ...wish, dryRun: true }));
    assert.deepEqual(
      plan.results.map(({ reason }) => reason),
      ['dry run: 6.4.7.1000', 'dry run: 6.4.7.1000'],
    );
    const due = await finished(firmware.rollout({ ...wish, firmware: NEW, downgrade: false, at, wait: false }));
    assert.equal(due.state, 'scheduled');
    await until(async () => (await tasks.show({ task: due.task! })).state === 'done', 30_000);
    const { results } = await firmware.report({ task: due.task! });
    assert.deepEqual(
      new Map(results.map(({ device, result }) => [device, result])),
      new Map([
        [old[0]!, 'success'],
        [current, 'skipped'],
      ]),
    );
    assert.equal(runs(old[0]!), NEW);
  });

  it('FW-03: a push to a phone that is away waits for it; what it was given stays until it is unpinned', async () => {
    const { firmware, configs } = fleet.phonectl;
    const mac = vvx.find((each) => runs(each) === NEW)!;
    await firmware.add({ source: bytes(IMAGE), file: 'sip.ld', version: '6.4.9.1000', name: 'newest' });
    fleet.lab.powerOff(mac);
    const { summary, results } = await finished(
      firmware.push({ firmware: 'newest', selector: { refs: [mac] }, attempts: 1, timeout: 30 }),
    );
    assert.deepEqual([summary.pending, summary.failure], [1, 0], results[0]?.reason ?? '');
    fleet.lab.powerOn(mac);
    await fleet.lab.waitFor(() => runs(mac) === '6.4.9.1000', 20_000);
    await fleet.settled([mac]);
    const explained = async () => configs.explain({ device: mac, params: ['APP_FILE_PATH'] });
    assert.match(JSON.stringify(await explained()), /firmware of task \d+/);
    await assert.rejects(firmware.delete({ firmware: ['newest'] }), failsWith('in_use'));
    assert.deepEqual(await firmware.unpin({ selector: { refs: [mac] } }), { devices: 1 });
    await assert.rejects(explained(), failsWith('not_found', /is given no APP_FILE_PATH/));
    await firmware.delete({ firmware: ['newest'] });
  });

  it('the guide: its examples do what it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'phonectl-firmware-'));
    const lobby = vvx.filter((mac) => fleet.lab.phone(mac).model === 'VVX 450').slice(0, 3);
    await fleet.phonectl.groups.add({ groups: [{ name: 'lobby' }], devices: { refs: lobby } });
    try {
      writeFileSync(join(folder, '3111-48840-001.sip.ld'), IMAGE);
      const said = new Map<string, string>();
      for (const [name, script] of examplesOf('firmware.md')) {
        const { status, stdout, stderr } = await runShell(`set -eu; cd '${folder}'\n${script}`, {
          env: fleet.home.env,
          timeout: 60_000,
        });
        assert.equal(status, 0, `${name}: ${stdout}${stderr}`);
        said.set(name, stdout);
      }
      assert.match(said.get('plan') ?? '', /3 of 3 devices get it[\s\S]*canary 2, wave 1: 1/);
      assert.match(said.get('rollout') ?? '', /· done\n/);
      assert.equal(said.get('report'), said.get('rollout'));
      assert.match(said.get('timer') ?? '', /every day at 02:00/);
      assert.match(said.get('unpin') ?? '', /3 devices: profiles choose the firmware again/);
      for (const mac of lobby) assert.equal(runs(mac), '6.4.9.2000');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
