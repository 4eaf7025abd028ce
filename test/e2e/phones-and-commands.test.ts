/**
 * Every command once over phones of every kind in the lab: success, or not applicable with a reason. What comes of it is
 * docs/phones-and-commands.md; write it anew with `PHONECTL_UPDATE_DOCS=1 npx mocha test/e2e/phones-and-commands.test.ts`.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

const PAGE = join(import.meta.dirname, '../../docs/phones-and-commands.md');

interface Row {
  readonly device: string;
  readonly result: string;
  readonly reason: string | null;
}

describe('phones and commands', function () {
  this.timeout(180_000);
  let fleet: PlayedFleet;
  const all = { selector: { all: true } };

  before(async () => {
    fleet = await playedFleet({ phones: 20, speed: 60 });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  async function finished(events: AsyncIterable<unknown>): Promise<readonly Row[]> {
    for await (const event of events as AsyncIterable<{ type: string; results?: readonly Row[] }>)
      if (event.type === 'finished') return event.results ?? [];
    throw new Error('the operation did not finish');
  }

  it('each phone does it, or the reason stands there; docs/phones-and-commands.md says the same', async () => {
    const { commands, calls, parameters, diagnostics, control } = fleet.phonectl;
    const runs: readonly (readonly [string, () => Promise<readonly Row[]>])[] = [
      ['device refresh', async () => Array.fromAsync(control.refresh(all))],
      ['device check-sync', () => finished(control.checkSync(all))],
      ['device dnd on', () => finished(commands.dnd({ ...all, on: true }))],
      ['device dnd off', () => finished(commands.dnd({ ...all, on: false }))],
      ['device message', () => finished(commands.message({ ...all, text: 'Hello' }))],
      ['device key', () => finished(commands.key({ ...all, keys: ['1'] }))],
      ['call dial', () => finished(calls.dial({ ...all, to: '4711' }))],
      ['call status', async () => Array.fromAsync(calls.status(all))],
      ['call end', () => finished(calls.end(all))],
      ['param get', async () => Array.fromAsync(parameters.get({ ...all, names: ['a.b'] }))],
      ['param set', () => finished(parameters.set({ ...all, parameters: { 'up.welcomeSoundEnabled': '0' } }))],
      ['diag screen', async () => Array.fromAsync(diagnostics.screen({ ...all, enable: true }))],
      ['diag logs get', async () => Array.fromAsync(diagnostics.logs(all))],
      ['diag config-export', async () => Array.fromAsync(diagnostics.configuration(all))],
      ['diag perf', async () => Array.fromAsync(diagnostics.performance(all))],
      ['device restart', () => finished(commands.restart(all))],
      ['device reset --scope web', () => finished(commands.reset({ ...all, scope: 'web' }))],
    ];
    const models = [...new Set(fleet.macs.map((mac) => kind(mac)))].sort();
    const table: string[] = [];
    const reasons: string[] = [];
    for (const [name, run] of runs) {
      const rows = await run();
      await fleet.settled();
      const cells = models.map((model) => {
        const own = rows.filter(({ device }) => kind(device) === model);
        assert.ok(own.length > 0, `${name}: nothing of ${model}`);
        for (const { result, reason } of own) {
          assert.ok(result === 'success' || result === 'not-applicable', `${name}, ${model}: ${result}: ${reason}`);
          if (result === 'not-applicable') assert.ok(reason, `${name}, ${model}: no reason`);
        }
        if (own.every(({ result }) => result === 'success')) return 'yes';
        // The capability data put the model in front.
        const reason = (own[0]?.reason ?? '').replace(/^[\w ]{1,30}: /, '');
        if (!reasons.includes(reason)) reasons.push(reason);
        return `no [${reasons.indexOf(reason) + 1}]`;
      });
      table.push(`| ${name} | ${cells.join(' | ')} |`);
    }
    const page = [
      '# Phones and commands',
      '',
      'Made from a run of every command over simulated phones (`test/e2e/phones-and-commands.test.ts`). *Yes*: every phone',
      'of that model showed that it did it. *No*: not applicable, for the reason below.',
      '',
      `| command | ${models.join(' | ')} |`,
      `|---|${models.map(() => '---').join('|')}|`,
      ...table,
      '',
      ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
      '',
    ].join('\n');
    if (process.env['PHONECTL_UPDATE_DOCS'] === '1') await writeFile(PAGE, page);
    assert.equal(page, await readFile(PAGE, 'utf8'));
  });

  function kind(mac: string): string {
    const { vendor, model } = fleet.lab.phone(mac);
    return `${vendor} ${model}`;
  }
});
