/**
 * Every command once over phones of every kind in the lab, old firmware among them: success, or not applicable with a
 * reason; none hangs (issue 4, acceptance 1). What comes of it is docs/phones-and-commands.md; write it anew with
 * `PHONECTL_UPDATE_DOCS=1 npx mocha test/e2e/phones-and-commands.test.ts`.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiagnosisChange } from '../../src/domain/diagnosis.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

const PAGE = join(import.meta.dirname, '../../docs/phones-and-commands.md');

/** The last two of ten phones of each vendor run what their vendor stopped giving out years ago. */
const OLD = {
  '64167f000008': { model: 'VVX 410', firmware: '5.5.2.8571' },
  '64167f000009': { model: 'VVX 500', firmware: '5.7.1.2205' },
  '805ec0000008': { model: 'SIP-T28P', firmware: '2.73.0.50' },
  '805ec0000009': { model: 'SIP-T46G', firmware: '28.80.0.130' },
  '00562b000008': { model: '8861', firmware: '11.0.1' },
  '00562b000009': { model: '7821', firmware: '11.3.2' },
} as const;

/** So long one command over the whole lab may take; what hangs is found out by it. Milliseconds. */
const LONGEST = 60_000;
/** No phone of the lab has this number, so that it is answered outside. */
const OUTSIDE = '4711';

interface Row {
  readonly device: string;
  readonly result: string;
  readonly reason: string | null;
}

describe('phones and commands', function () {
  this.timeout(240_000);
  let fleet: PlayedFleet;
  const all = { selector: { all: true } };
  /** Seconds until an effect that is not seen counts as a failure. */
  const soon = { ...all, timeout: 15 };

  before(async () => {
    fleet = await playedFleet({ phones: 30, mix: { poly: 1, yealink: 1, cisco: 1 }, speed: 60, others: OLD });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  async function finished(events: AsyncIterable<unknown>): Promise<readonly Row[]> {
    for await (const event of events as AsyncIterable<{ type: string; results?: readonly Row[] }>)
      if (event.type === 'finished') return event.results ?? [];
    throw new Error('the operation did not finish');
  }

  /** What one device is asked by itself, asked of each. */
  async function each(ask: (device: string) => Promise<Omit<Row, 'device'>>): Promise<readonly Row[]> {
    return Promise.all(fleet.macs.map(async (device) => ({ device, ...(await ask(device)) })));
  }

  /** Somebody outside calls every phone. */
  function ringAll(): void {
    for (const mac of fleet.macs) fleet.lab.phone(mac).calls.ring(1, OUTSIDE, null);
  }

  /** Else somebody has to type in at the phone where it belongs: it forgot the server, and as whom it came. */
  function dhcpTellsLogin(): void {
    for (const mac of fleet.macs) {
      const { spec } = fleet.lab.phone(mac);
      const url = new URL(spec.server);
      url.username = spec.credential?.username ?? '';
      url.password = spec.credential?.password ?? '';
      spec.server = url.href;
    }
  }

  it('each phone does it, or the reason stands there; docs/phones-and-commands.md says the same', async () => {
    const { commands, calls, parameters, diagnostics, control, captures, diagnoses } = fleet.phonectl;
    const setLogs = (change: DiagnosisChange) => finished(diagnoses.setLogs({ ...soon, change }));
    const reset = (scope: 'web' | 'local' | 'device' | 'all' | 'factory') =>
      finished(commands.reset({ ...soon, scope }));
    const runs: readonly (readonly [string, () => Promise<readonly Row[]>])[] = [
      ['device refresh', async () => Array.fromAsync(control.refresh(all))],
      [
        'device status',
        () =>
          each(async (device) => {
            const { source, reason } = await control.status({ device });
            return { result: source === 'phone' ? 'success' : 'not-applicable', reason };
          }),
      ],
      ['device why-offline', () => each(async (device) => done(await commands.whyOffline({ device })))],
      ['device show --extended', () => inspected('extended')],
      ['device show --network', () => inspected('network')],
      ['device show --call', () => inspected('call')],
      ['device show --profiles', () => inspected('profiles')],
      ['device show --files', () => inspected('files')],
      ['device check-sync', () => finished(control.checkSync(soon))],
      ['device dnd on', () => finished(commands.dnd({ ...soon, on: true }))],
      ['device dnd off', () => finished(commands.dnd({ ...soon, on: false }))],
      ['device message', () => finished(commands.message({ ...soon, text: 'Hello' }))],
      ['device key', () => finished(commands.key({ ...soon, keys: ['1'] }))],
      ['device ad-password', () => finished(commands.adPassword({ ...soon, password: 'winter-2026' }))],
      ['call dial', () => finished(calls.dial({ ...soon, to: OUTSIDE }))],
      ['call status', async () => Array.fromAsync(calls.status(all))],
      ['call end', () => finished(calls.end(soon))],
      [
        'call answer',
        () => {
          ringAll();
          return finished(calls.answer(soon));
        },
      ],
      ['call hold', () => finished(calls.hold(soon))],
      ['call resume', () => finished(calls.resume(soon))],
      ['call transfer', () => finished(calls.transfer({ ...soon, to: OUTSIDE }))],
      ['param get', async () => Array.fromAsync(parameters.get({ ...all, names: ['a.b'] }))],
      ['param set', () => finished(parameters.set({ ...soon, parameters: { 'up.welcomeSoundEnabled': '0' } }))],
      ['diag screen', async () => Array.fromAsync(diagnostics.screen({ ...all, enable: true }))],
      ['diag logs get', async () => Array.fromAsync(diagnostics.logs(all))],
      ['diag config-export', async () => Array.fromAsync(diagnostics.configuration(all))],
      ['diag perf', async () => Array.fromAsync(diagnostics.performance(all))],
      ['diag capture start', () => finished(captures.start({ ...soon, enable: true }))],
      ['diag capture stop', () => finished(captures.stop(soon))],
      ['diag capture cancel', () => startAndCancel()],
      ['diag ping', () => each(async (device) => done((await diagnostics.ping({ device, count: 1 })).received === 1))],
      ['diag bundle', () => each(async (device) => done((await bundleOf(device)) > 0))],
      ['diag logs show', async () => (await Array.fromAsync(diagnoses.logSettings(all))).map(settingsRow)],
      ['diag logs level', () => setLogs({ level: 'debug' })],
      ['diag logs module', () => setLogs({ modules: { sip: 'debug' } })],
      ['diag logs local', () => setLogs({ local: { on: true, level: 'debug' } })],
      ['diag logs syslog', () => setLogs({ syslog: { server: '192.0.2.5' } })],
      ['diag logs backup', () => setLogs({ backup: { on: true } })],
      ['diag recording auto', () => finished(diagnoses.recordingAuto({ ...soon, on: true }))],
      ['diag end', () => finished(diagnoses.end(soon))],
      ['device restart', () => finished(commands.restart({ ...soon, force: true }))],
      ['device reboot', () => finished(control.reboot({ ...soon, force: true }))],
      ['device reset --scope web', () => reset('web')],
      ['device reset --scope local', () => reset('local')],
      ['device reset --scope device', () => reset('device')],
      ['device reset --scope all', () => reset('all')],
      [
        'device reset --scope factory',
        () => {
          dhcpTellsLogin();
          return reset('factory');
        },
      ],
    ];
    async function inspected(part: 'extended' | 'network' | 'call' | 'profiles' | 'files'): Promise<readonly Row[]> {
      return each(async (device) => {
        const { notTold } = await control.inspect({ device, parts: [part] });
        const [untold] = notTold;
        return { result: untold === undefined ? 'success' : 'not-applicable', reason: untold?.reason ?? null };
      });
    }
    /** What was captured is thrown away; of phones that cannot capture the start says why. */
    async function startAndCancel(): Promise<readonly Row[]> {
      const started = await finished(captures.start({ ...soon, enable: true }));
      await fleet.settled();
      const cancelled = new Map((await finished(captures.cancel(soon))).map((row) => [row.device, row]));
      return started.map((row) => (row.result === 'success' ? (cancelled.get(row.device) ?? row) : row));
    }
    async function bundleOf(device: string): Promise<number> {
      return Buffer.concat(await Array.fromAsync(diagnostics.bundle({ device }))).length;
    }
    const kinds = [...new Set(fleet.macs.map(kind))].sort();
    const table: string[] = [];
    const reasons: string[] = [];
    for (const [name, run] of runs) {
      const began = performance.now();
      const rows = await run();
      await fleet.settled();
      assert.ok(performance.now() - began < LONGEST, `${name} took ${Math.round(performance.now() - began)} ms`);
      assert.equal(new Set(rows.map(({ device }) => device)).size, fleet.macs.length, `${name}: not every phone`);
      const cells = kinds.map((model) => {
        const own = rows.filter(({ device }) => kind(device) === model);
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
      'Made from a run of every command over 30 simulated phones, two of each vendor with old firmware',
      '(`test/e2e/phones-and-commands.test.ts`). *Yes*: every phone of that kind showed that it did it. *No*: not',
      'applicable, for the reason below.',
      '',
      `| command | ${kinds.join(' | ')} |`,
      `|---|${kinds.map(() => '---').join('|')}|`,
      ...table,
      '',
      ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
      '',
    ].join('\n');
    if (process.env['PHONECTL_UPDATE_DOCS'] === '1') await writeFile(PAGE, page);
    assert.equal(page, await readFile(PAGE, 'utf8'));
  });

  /** Of what is not an effect, and has no result of its own. */
  function done(what: unknown): Omit<Row, 'device'> {
    return { result: what ? 'success' : 'failure', reason: null };
  }

  function settingsRow(row: { readonly device: string; readonly reason?: string }): Row {
    return {
      device: row.device,
      result: row.reason === undefined ? 'success' : 'not-applicable',
      reason: row.reason ?? null,
    };
  }

  /** Vendor and family, or the model and its firmware where that is old. */
  function kind(mac: string): string {
    const { vendor, model } = fleet.lab.phone(mac);
    const old: { readonly firmware: string } | undefined = OLD[mac as keyof typeof OLD];
    if (old !== undefined) return `${vendor} ${model} ${old.firmware}`;
    if (vendor === 'poly') return `poly ${model.split(' ')[0]}`;
    return vendor === 'yealink' ? `yealink ${model.slice(0, 2)}` : `cisco ${model[0]}xxx`;
  }
});
