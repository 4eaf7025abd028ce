import assert from 'node:assert/strict';
import { killMany } from '../torture/kills.ts';

const KILLS = 50;

describe('tasks: runners that die (F-01, F-20)', () => {
  it(`${KILLS} kills at commits, at sendings and at random: every phone ends once, none is rebooted twice`, async function () {
    this.timeout(120_000);
    const { kills, runs: _, ...broken } = await killMany(KILLS, 42);
    assert.deepEqual(broken, { lost: 0, repeated: 0, duplicates: 0, failed: [] });
    assert.ok(kills >= KILLS - 5, `${kills} runners were killed`);
  });
});
