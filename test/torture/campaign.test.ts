import assert from 'node:assert/strict';
import { DEFAULT_MIX } from '../../src/sdk/lab/fleet.ts';
import { rebootUnderKills } from './campaign.ts';

const KILLS = 5;
const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 1000);

describe('torture: a campaign over lab phones (acceptance 1)', () => {
  it(`${PHONES} phones, ${KILLS} kills of the server`, async function () {
    this.timeout(0);
    const fleet = { phones: PHONES, speed: 10, mix: DEFAULT_MIX };
    const report = await rebootUnderKills({ ...fleet, kills: KILLS, concurrency: 50, batch: '20%' });
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    const { killed, state, success, twice, imagined, reasons } = report;
    assert.deepEqual({ killed, state, success }, { killed: KILLS, state: 'done', success: PHONES });
    assert.deepEqual({ twice, imagined, reasons }, { twice: [], imagined: [], reasons: [] });
  });
});
