import assert from 'node:assert/strict';
import { deathsOf, killRunners } from '../torture/kills.ts';

const KILLS = 50;

describe('tasks: runners that die (F-01, F-20)', () => {
  it(`${KILLS} kills at commits, at sendings and at random: every phone ends once, none is rebooted twice`, async function () {
    this.timeout(180_000);
    // Side by side: a dead runner's lease has to end before the next one goes on.
    const reports = await Promise.all([42, 43].map((seed) => killRunners(deathsOf(KILLS / 2, seed))));
    const kills = reports.reduce((sum, report) => sum + report.kills, 0);
    assert.ok(kills >= KILLS - 5, `${kills} runners were killed`);
    assert.deepEqual(
      reports.map(({ duplicates }) => duplicates),
      [0, 0],
    );
  });
});
