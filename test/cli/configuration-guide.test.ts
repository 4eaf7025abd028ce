/** The commands of docs/guides/configuration.md are run as they stand there, against phones of the lab. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlayedFleet, playedFleet } from '../support/played.ts';
import { ROOT, type RunResult, runCli } from './harness.ts';

const EXPIRES = 'voIpProt.server.1.expires';

describe('the guide to configuration', function () {
  this.timeout(180_000);
  let fleet: PlayedFleet;

  before(async () => {
    fleet = await playedFleet({ phones: 3, mix: { poly: 100, yealink: 0, cisco: 0 }, speed: 60 });
    const [reception, lobby] = fleet.macs;
    const { phonectl } = fleet;
    await phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
    await phonectl.groups.add({ groups: [{ name: 'lobby-phones' }] });
    await phonectl.devices.edit({ devices: [reception!], name: 'reception', site: 'Berlin' });
    await phonectl.devices.edit({ devices: [lobby!], name: 'lobby', site: 'Berlin' });
    const { lines } = await phonectl.devices.show({ device: 'reception' });
    await phonectl.accounts.edit({ accounts: [lines[0]!.account.replace(/^sip:/, '')], name: 'front' });
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
  });

  function run(...argv: string[]): Promise<RunResult> {
    return runCli(argv, { env: fleet.home.env, timeout: 60_000 });
  }

  const value = (index: number, name: string): string => fleet.lab.phone(fleet.macs[index]!).parameters.text(name);

  it('does what it says', async () => {
    const text = readFileSync(join(ROOT, 'docs/guides/configuration.md'), 'utf8');
    const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
    assert.ok(lines.length >= 15, `${lines.length} commands`);
    for (const line of lines) {
      const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      assert.equal(argv.shift(), 'phonectl');
      const { status, stdout, stderr } = await run(...argv);
      assert.equal(status, 0, `${line}: ${stdout}${stderr}`);
      if (line.includes('expires=300 --dry-run')) {
        assert.match(stdout, /2 phones change · 1 site/);
        assert.notEqual(value(0, EXPIRES), '300');
      }
      if (line.includes('expires=300 -m')) {
        assert.match(stdout, /success +\S+ +reception +runs it, says the phone/);
        assert.match(stdout, /Task \d+: 2 of 2 devices done/);
        assert.deepEqual(
          [0, 1, 2].map((phone) => value(phone, EXPIRES) === '300'),
          [true, true, false],
        );
      }
      if (line.includes('--display-name')) assert.equal(value(0, 'reg.1.displayName'), 'Front desk');
      if (line.includes('change plan')) assert.notEqual(value(0, 'up.backlight.timeout'), '15');
      if (line.includes('change apply')) assert.equal(value(0, 'up.backlight.timeout'), '15');
      if (line.includes('rollback --push')) assert.notEqual(value(0, 'up.backlight.timeout'), '15');
    }
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
