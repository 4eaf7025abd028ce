/** docs/guides/tasks.md, typed as it stands, on phones of the lab. */
import assert from 'node:assert/strict';
import { runShell } from '../cli/harness.ts';
import { examplesOf } from '../support/guides.ts';
import { type PlayedFleet, playedFleet } from '../support/played.ts';

describe('the guide of tasks', function () {
  this.timeout(120_000);
  let fleet: PlayedFleet;

  before(async () => {
    fleet = await playedFleet({ phones: 3, speed: 120 });
    await fleet.phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await fleet.phonectl.devices.edit({ devices: [...fleet.macs], site: 'Berlin' });
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  it('its examples do what it says', async () => {
    const said = new Map<string, string>();
    for (const [name, script] of examplesOf('tasks.md')) {
      const env = fleet.home.env;
      const { status, stdout, stderr } = await runShell(`set -eu\n${script}`, { env, timeout: 60_000 });
      assert.equal(status, 0, `${name}: ${stdout}${stderr}`);
      said.set(name, stdout);
    }
    assert.match(said.get('plan') ?? '', /dry run: reboot/);
    assert.match(said.get('waves') ?? '', /3 of 3 devices done/);
    assert.match(said.get('later') ?? '', /every day at 12:00 \(Europe\/Berlin\)/);
    assert.match(said.get('follow') ?? '', /3 of 3 devices done/);
  });
});
