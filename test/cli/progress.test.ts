import assert from 'node:assert/strict';
import { makeHome, type TestHome } from '../support/home.ts';
import { runCli } from './harness.ts';

describe('progress on a terminal', () => {
  let home: TestHome;

  before(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000001', name: 'lobby' }] });
  });
  after(async () => {
    await home.remove();
  });

  it('ends on a terminal of no width as well, as `script` and containers make them', async () => {
    for (const columns of [0, 80]) {
      const tty = { columns };
      const { stdout } = await runCli(['device', 'refresh', '--all'], { home: home.path, env: home.env, tty });
      assert.match(stdout, /0 of 1 device answered/, `${columns} columns`);
      assert.ok(stdout.length < 10_000, `${columns} columns: ${stdout.length} characters`);
    }
  });
});
