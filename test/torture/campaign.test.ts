import assert from 'node:assert/strict';
import { rebootUnderKills } from './campaign.ts';

const KILLS = 5;
const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 1000);

describe('torture: a campaign over lab phones (acceptance 1)', () => {
  it(`${PHONES} phones, ${KILLS} kills of the server`, async function () {
    this.timeout(0);
    const report = await rebootUnderKills({ phones: PHONES, kills: KILLS, concurrency: 50, speed: 10 });
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    assert.equal(report.killed, KILLS);
    assert.equal(report.success + report.failure, PHONES);
    assert.deepEqual(report.twice, []);
  });
});
