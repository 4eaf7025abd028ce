import assert from 'node:assert/strict';
import type { ControlEvent, ControlResult } from '../../src/sdk/control/run.ts';
import { runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

const TEXT = 'Maintenance 22:00 – Gebäude Ä "B" <C>';

async function results(events: AsyncIterable<ControlEvent>): Promise<readonly ControlResult[]> {
  for await (const event of events) if (event.type === 'finished') return event.results;
  throw new Error('the operation did not finish');
}

describe('sdk: commands to the phones of a lab', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;
  const all = { selector: { all: true } };

  before(async () => {
    fleet = await playedFleet({ phones: 12, speed: 60 });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  function lab(device: string) {
    return fleet.lab.phone(device);
  }

  /** Nothing failed, and what is not applicable says why. */
  function check(outcome: readonly ControlResult[]): { done: string[]; not: string[] } {
    assert.equal(outcome.length, fleet.macs.length);
    for (const { result, evidence, reason, device } of outcome) {
      const model = lab(device).model;
      if (result === 'success') assert.ok(evidence, `${model}: no evidence`);
      else {
        assert.equal(result, 'not-applicable', `${model}: ${reason}`);
        assert.ok(reason, model);
      }
    }
    const of = (wanted: string): string[] =>
      outcome.filter(({ result }) => result === wanted).map(({ device }) => device);
    return { done: of('success'), not: of('not-applicable') };
  }

  it('DEV-43, DEV-44: do not disturb goes on and off on every phone that can', async () => {
    const { done, not } = check(await results(fleet.phonectl.commands.dnd({ ...all, on: true })));
    assert.ok(done.length > 0);
    for (const mac of done) assert.equal(lab(mac).dnd, true, lab(mac).model);
    for (const mac of not) assert.equal(lab(mac).dnd, false, lab(mac).model);
    check(await results(fleet.phonectl.commands.dnd({ ...all, on: false })));
    for (const mac of done) assert.equal(lab(mac).dnd, false, lab(mac).model);
  });

  it('DEV-45: a text arrives exactly on every phone that can', async () => {
    const { done } = check(await results(fleet.phonectl.commands.message({ ...all, text: TEXT, seconds: 60 })));
    assert.ok(done.length > 0);
    for (const mac of done) {
      const [shown = ''] = lab(mac).messages;
      const text = lab(mac).vendor === 'cisco' ? shown.split('\n').at(-1) : shown;
      assert.equal(text, TEXT, lab(mac).model);
    }
  });

  it('presses keys', async () => {
    const { done } = check(await results(fleet.phonectl.commands.key({ ...all, keys: ['1', 'up'] })));
    assert.ok(done.length > 0);
    for (const mac of done) assert.equal(lab(mac).keys.length >= 2, true, lab(mac).model);
  });

  it('CALL-01..04: calls are placed, shown and ended', async () => {
    const { calls } = fleet.phonectl;
    const callers = fleet.macs.filter((mac) => lab(mac).vendor !== 'cisco').slice(0, 2);
    for (const mac of callers) {
      const selector = { refs: [mac] };
      const [dialled] = await results(calls.dial({ selector, to: '00491234', type: 'tel', line: 1 }));
      if (dialled?.result === 'not-applicable') continue;
      assert.equal(dialled?.result, 'success', dialled?.reason ?? '');
      assert.equal(lab(mac).calls.active[0]?.number, '00491234');
      const [report] = await Array.fromAsync(calls.status({ selector }));
      assert.equal(report?.inCall, true);
      await fleet.lab.waitFor(() => lab(mac).calls.active[0]?.state === 'Connected', 5000);
      const [held] = await results(calls.hold({ selector }));
      assert.equal(held?.result, 'success', held?.reason ?? '');
      const [resumed] = await results(calls.resume({ selector }));
      assert.equal(resumed?.result, 'success', resumed?.reason ?? '');
      const [ended] = await results(calls.end({ selector }));
      assert.equal(ended?.result, 'success', ended?.reason ?? '');
      assert.deepEqual(lab(mac).calls.active, []);
    }
  });

  it('REST-03..08: parameters are set in batches and read back; 45 of them', async () => {
    const [poly] = fleet.macs.filter((mac) => /VVX|Trio/.test(lab(mac).model));
    assert.ok(poly);
    const parameters = Object.fromEntries(
      Array.from({ length: 45 }, (_, index) => [`softkey.${index + 1}.label`, `key ${index + 1}`]),
    );
    const selector = { refs: [poly] };
    const [set] = await results(fleet.phonectl.parameters.set({ selector, parameters }));
    assert.equal(set?.result, 'success', set?.reason ?? '');
    assert.match(set?.evidence ?? '', /45 parameters read back from its web layer/);
    const rows = await Array.fromAsync(fleet.phonectl.parameters.get({ selector, names: Object.keys(parameters) }));
    assert.equal(rows.length, 45);
    assert.deepEqual([rows[44]?.value, rows[44]?.layer], ['key 45', 'web']);
    check(await results(fleet.phonectl.parameters.set({ ...all, parameters: { 'up.welcomeSoundEnabled': '0' } })));
  });

  it('REST-12, DEV-56: the Active Directory password is in no task, log or answer', async () => {
    const password = 'Canary-4711-Ad';
    check(await results(fleet.phonectl.commands.adPassword({ ...all, password, line: 9 })));
    const tasks = await Array.fromAsync(fleet.phonectl.tasks.list({ type: 'set' }));
    const [task] = tasks;
    assert.ok(task);
    const shown = JSON.stringify([tasks, await fleet.phonectl.tasks.show({ task: task.id })]);
    assert.ok(!shown.includes(password));
    assert.ok(!JSON.stringify(await Array.fromAsync(fleet.phonectl.logs.list({}))).includes(password));
  });

  it('restarts phones that know a restart', async () => {
    check(await results(fleet.phonectl.commands.restart({ ...all, timeout: 60 })));
    await fleet.settled();
  });

  it('DEV-49: resets the web layer, with the file in which the phone keeps it', async () => {
    const [poly] = fleet.macs.filter((mac) => /VVX|Trio/.test(lab(mac).model));
    assert.ok(poly);
    const { done } = check(await results(fleet.phonectl.commands.reset({ ...all, scope: 'web', timeout: 60 })));
    assert.ok(done.includes(poly));
    assert.equal(lab(poly).parameters.layer('web').size, 0);
    await fleet.settled();
  });

  it('from the command line: dry run, confirmation, exit status', async () => {
    const options = { home: fleet.home.path, env: fleet.home.env };
    const dry = await runCli(['device', 'dnd', 'on', '--all', '--dry-run', '--json'], options);
    assert.equal(dry.status, 0, dry.stderr);
    assert.equal(JSON.parse(dry.stdout).summary.total, fleet.macs.length);
    const refused = await runCli(['device', 'reset', '--all', '--scope', 'factory', '--json'], options);
    assert.equal(refused.status, 2, refused.stderr);
    const lines = await runCli(['device', 'lines', fleet.macs[0] ?? '', '--json'], options);
    assert.equal(lines.status, 0, lines.stderr);
    const why = await runCli(['device', 'why-offline', fleet.macs[0] ?? '', '--json'], options);
    assert.equal(why.status, 0, why.stderr);
    assert.equal(JSON.parse(why.stdout).online, true);
  });

  it('DEV-49: a factory reset is seen, also of a phone that nobody tells where it belongs', async () => {
    const refs = [/VVX/, /^T5/].map((model) => fleet.macs.find((mac) => model.test(lab(mac).model)) ?? '');
    const reset = await results(fleet.phonectl.commands.reset({ selector: { refs }, scope: 'factory', timeout: 60 }));
    assert.equal(reset.length, 2);
    for (const { device, result, reason, evidence } of reset) {
      assert.equal(result, 'success', `${device}: ${reason}`);
      assert.match(evidence ?? '', /no longer lets in|no longer knows the password/);
      assert.equal(lab(device).parameters.layer('config').size, 0);
    }
  });
});
