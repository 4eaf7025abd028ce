/** The commands of docs/guides/configuration.md, without the phones; test/torture has it with them. */
import assert from 'node:assert/strict';
import { prepareGuide, runGuide } from '../support/configuration-guide.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { type RunResult, runCli } from './harness.ts';

describe('the guide to configuration', function () {
  this.timeout(120_000);
  let home: TestHome;

  before(async () => {
    home = await makeHome();
    const { accounts, devices } = home.phonectl;
    await accounts.add({ accounts: [{ type: 'sip', name: '1001', username: '1001', server: 'pbx.example.net' }] });
    const phone = (number: number) => ({ mac: `64167f00000${number}`, vendor: 'poly', model: 'VVX 450' });
    await devices.add({ devices: [{ ...phone(0), accounts: [{ account: '1001' }] }, phone(1)] });
    await prepareGuide(home, '64167f000000', '64167f000001');
  });
  after(() => home.remove());

  function run(...argv: string[]): Promise<RunResult> {
    return runCli(argv, { env: home.env });
  }

  it('its commands do what it says', async () => {
    await runGuide(home, { push: false }, (line, stdout) => {
      if (line.includes('expires=300 --dry-run')) assert.match(stdout, /2 phones change · 1 site/);
      if (line.includes('change plan')) assert.match(stdout, /up\.backlight\.timeout 30 → 15/);
    });
  });

  it('CFG-02, CFG-09, CFG-19: what was set for a scope is shown; a vendor that is not clear has to be said', async () => {
    const shown = await run('config', 'model', 'show', 'vvx450', '--json');
    const { name, parameters, assignments } = JSON.parse(shown.stdout);
    assert.equal(name, 'Model VVX 450');
    assert.deepEqual(parameters, [{ name: 'up.backlight.timeout', value: '30', secret: false }]);
    assert.deepEqual(assignments, [{ layer: 'model', target: 'VVX 450', priority: 1, apply: 'auto' }]);
    const unclear = await run('config', 'global', 'set', 'my.parameter=1', '--custom');
    assert.equal(unclear.status, 2);
    assert.match(unclear.stderr, /--vendor/);
    const taken = await run('config', 'group', 'unset', 'lobby-phones', 'call.autoAnswer.SIP', '--json');
    assert.equal(taken.status, 0, taken.stderr);
    assert.equal(JSON.parse(taken.stdout).plan.devices, 1);
    const twice = await run('config', 'group', 'unset', 'lobby-phones', 'call.autoAnswer.SIP');
    assert.equal(twice.status, 5);
  });
});
