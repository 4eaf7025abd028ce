import assert from 'node:assert/strict';
import { onlyHere } from '../support/remote-cli.ts';
import { killSession } from '../torture/session.ts';

describe('tasks: a session of the command line that is killed (F-01, F-02)', () => {
  it('every fourth commit: what was written is there as a whole or not at all, and can be typed again', async function () {
    onlyHere(this, 'killed is the process that writes');
    this.timeout(300_000);
    const { kills, ...broken } = await killSession(4, 6);
    assert.ok(kills >= 2, `${kills} commands were killed`);
    assert.deepEqual(broken, { lost: [], torn: [], stuck: [] });
  });
});
