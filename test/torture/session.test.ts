import assert from 'node:assert/strict';
import { killSession } from './session.ts';

describe('torture: a session of the command line (F-01, F-02)', () => {
  it('killed before and after every commit of every command', async function () {
    this.timeout(0);
    const report = await killSession();
    process.stdout.write(`      ${JSON.stringify(report)}\n`);
    const { kills, ...broken } = report;
    assert.ok(kills >= 24, `${kills} commands were killed`);
    assert.deepEqual(broken, { lost: [], torn: [], stuck: [] });
  });
});
