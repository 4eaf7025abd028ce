import assert from 'node:assert/strict';
import { rebootUnderKills } from '../torture/campaign.ts';

describe('tasks: a campaign over lab phones (acceptance 1)', () => {
  it('goes on after the server was killed; no confirmed phone is rebooted again', async function () {
    this.timeout(120_000);
    // Cisco phones come back soonest, and tell their uptime.
    const fleet = { phones: 6, speed: 30, mix: { poly: 1, yealink: 0, cisco: 2 } };
    const report = await rebootUnderKills({ ...fleet, kills: 1, concurrency: 4, batch: '100%' });
    const { killed, state, success, twice, imagined, reasons } = report;
    assert.deepEqual({ killed, state, success }, { killed: 1, state: 'done', success: 6 }, reasons.join('\n'));
    assert.deepEqual({ twice, imagined, reasons }, { twice: [], imagined: [], reasons: [] });
  });
});
