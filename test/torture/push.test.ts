/**
 * Acceptance 2 of the configuration issue, as an administrator does it: a change for a site of 1,000 phones is looked at,
 * pushed, and proved; who was away follows; drift is an exit status, and names the phone and the parameter.
 */
import assert from 'node:assert/strict';
import { type RunResult, runCli } from '../cli/harness.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 1000);
const AWAY = Math.ceil(PHONES / 100);
const EXPIRES = 'voIpProt.server.1.expires';

describe(`torture: a change for a site of ${PHONES} phones (acceptance 2)`, function () {
  this.timeout(0);
  let fleet: PlayedFleet;

  before(async () => {
    fleet = await playedFleet({ phones: PHONES, mix: { poly: 100, yealink: 0, cisco: 0 }, speed: 60 });
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });

  async function run(...argv: string[]): Promise<RunResult> {
    return await runCli([...argv, '--json'], { env: fleet.home.env, timeout: 900_000 });
  }

  const runs = (mac: string): boolean => fleet.lab.phone(mac).parameters.text(EXPIRES) === '900';

  it('looked at, pushed, proved, followed, drifted', async () => {
    const { phonectl, lab, macs } = fleet;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.devices.edit({ devices: [...macs], site: 'Berlin' });
    await phonectl.profiles.add({ name: 'expires', vendor: 'poly', set: [{ name: EXPIRES, value: '900' }] });
    const assign = ['profile', 'assign', 'expires', '--site', 'Berlin'];

    const revisions = async () => (await Array.fromAsync(phonectl.configs.history({}))).length;
    const before = await revisions();
    const dry = await run(...assign, '--push', '--dry-run');
    assert.equal(dry.status, 0, dry.stderr);
    assert.equal(JSON.parse(dry.stdout).plan.devices, PHONES);
    assert.deepEqual([await revisions(), macs.filter(runs).length], [before, 0]);

    const away = macs.slice(0, AWAY);
    for (const mac of away) lab.powerOff(mac);
    const started = performance.now();
    const pushed = await run(...assign, '--push', '--yes', '--concurrency', '200', '--retry', '1');
    const seconds = (performance.now() - started) / 1000;
    assert.equal(pushed.status, 8, pushed.stderr);
    const { summary, results } = JSON.parse(pushed.stdout).push;
    process.stdout.write(`      ${JSON.stringify({ ...summary, seconds: Math.round(seconds) })}\n`);
    const wrong = results.filter(
      ({ device, result }: { device: string; result: string }) =>
        result !== (away.includes(device) ? 'pending' : 'success'),
    );
    assert.deepEqual(wrong.slice(0, 5), []);
    for (const mac of macs) assert.equal(runs(mac), !away.includes(mac), mac);

    const waiting = await run('config', 'status', '--filter', 'state=pending');
    assert.deepEqual(
      JSON.parse(waiting.stdout)
        .map(({ device }: { device: string }) => device)
        .sort(),
      away.toSorted(),
    );
    for (const mac of away) lab.powerOn(mac);
    await fleet.settled(away);
    assert.ok(away.every(runs));
    // What the server saw last is in the store a moment later.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const none = await run('config', 'drift', '--exit-code');
    assert.equal(none.status, 0, none.stdout.slice(0, 2000));

    const odd = macs.at(-1)!;
    await lab.setLocal(odd, EXPIRES, '111');
    const drift = await run('config', 'drift', '--exit-code');
    assert.equal(drift.status, 20);
    const found = JSON.parse(drift.stdout).results;
    assert.deepEqual(
      found.map(({ device, clear }: { device: string; clear: string }) => [device, clear]),
      [[odd, `phonectl device reset ${odd} --scope web`]],
    );
    assert.deepEqual(found[0].differences, [{ param: EXPIRES, desired: '900', running: '111', layer: 'web' }]);
  });
});
