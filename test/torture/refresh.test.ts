import assert from 'node:assert/strict';
import { playedFleet } from '../support/played.ts';

const PHONES = Number(process.env['PHONECTL_TORTURE_PHONES'] ?? 1000);
/** One phone's whole budget: what hangs is given up after ten seconds. Milliseconds. */
const BUDGET = 10_000;

describe('torture: a refresh of a fleet that hangs and refuses (issue 4, acceptance 3)', () => {
  it(`${PHONES} phones, 5 % hang, 5 % refuse`, async function () {
    this.timeout(0);
    await using fleet = await playedFleet({ phones: PHONES, speed: 60 });
    const refresh = async (): Promise<{ readonly failed: readonly string[]; readonly milliseconds: number }> => {
      const start = performance.now();
      const rows = await Array.fromAsync(fleet.phonectl.control.refresh({ selector: { all: true } }));
      const failed = rows.flatMap(({ device, result }) => (result === 'failure' ? [device] : []));
      assert.equal(rows.length, PHONES);
      return { failed: failed.sort(), milliseconds: Math.round(performance.now() - start) };
    };
    const healthy = await refresh();
    assert.deepEqual(healthy.failed, []);
    const expected: string[] = [];
    fleet.macs.forEach((mac, index) => {
      if (index % 20 > 1) return;
      Object.assign(fleet.lab.phone(mac).faults, index % 20 === 0 ? { hang: true } : { refuse: 401 });
      expected.push(mac);
    });
    const troubled = await refresh();
    const allowed = Math.round(1.2 * healthy.milliseconds + BUDGET);
    process.stdout.write(
      `      ${JSON.stringify({ healthy: healthy.milliseconds, troubled: troubled.milliseconds, allowed })}\n`,
    );
    assert.deepEqual(troubled.failed, expected.sort());
    assert.ok(troubled.milliseconds <= allowed, `${troubled.milliseconds} ms; ${allowed} ms are allowed`);
  });
});
