import assert from 'node:assert/strict';
import { killAtWrites, type Victim } from './writes.ts';

const MOST = Number(process.env['PHONECTL_TORTURE_WRITES'] ?? 40);

describe('torture: command line and server that die at a write while phones reboot (F-01, F-20)', () => {
  for (const victim of ['cli', 'serve', 'serve worker'] satisfies Victim[]) {
    it(victim, async function () {
      this.timeout(0);
      const report = await killAtWrites(victim, 1, MOST);
      process.stdout.write(`      ${JSON.stringify(report)}\n`);
      const { kills, twice, imagined, open, unconfirmed } = report;
      assert.ok(kills > 0);
      assert.deepEqual({ twice, imagined, open }, { twice: [], imagined: [], open: [] });
      // A phone of Cisco tells its uptime: nothing stays uncertain.
      assert.deepEqual(unconfirmed, []);
    });
  }
});
