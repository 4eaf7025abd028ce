import assert from 'node:assert/strict';
import { rebootUnderKills } from '../torture/campaign.ts';

describe('tasks: a campaign over lab phones (acceptance 1)', () => {
  it('goes on after the server was killed; no confirmed phone is rebooted again', async function () {
    this.timeout(120_000);
    const report = await rebootUnderKills({ phones: 12, kills: 1, concurrency: 4, speed: 20 });
    assert.equal(report.killed, 1);
    assert.deepEqual(report.reasons, []);
    assert.equal(report.success, 12);
    assert.deepEqual(report.twice, []);
  });
});
