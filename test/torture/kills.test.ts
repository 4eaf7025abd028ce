import assert from 'node:assert/strict';
import { killMany } from './kills.ts';

// `npm run torture`: minutes, not part of `npm test`. Another seed: PHONECTL_TORTURE_SEED.
const KILLS = Number(process.env['PHONECTL_TORTURE_KILLS'] ?? 1000);
const SEED = Number(process.env['PHONECTL_TORTURE_SEED'] ?? Date.now() % 2_147_483_647) || 1;

describe('torture: runners that die (F-01, F-20)', () => {
  it(`${KILLS} kills, seed ${SEED}`, async function () {
    this.timeout(0);
    const report = await killMany(KILLS, SEED);
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    const { lost, repeated, duplicates, failed } = report;
    assert.deepEqual({ lost, repeated, duplicates, failed }, { lost: 0, repeated: 0, duplicates: 0, failed: [] });
  });
});
