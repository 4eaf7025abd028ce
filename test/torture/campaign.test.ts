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
    const { killed, state, success, failure, twice, imagined, reasons } = report;
    assert.deepEqual({ killed, state, ended: success + failure }, { killed: KILLS, state: 'done', ended: PHONES });
    assert.deepEqual({ twice, imagined }, { twice: [], imagined: [] });
    // Yealink phones tell no uptime: of those that came back while no server listened it cannot be known, and is said.
    assert.deepEqual(
      reasons.filter((reason) => !/may have been sent before.*does not tell how long it is up/.test(reason)),
      [],
    );
  });
});
