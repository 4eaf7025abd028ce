/** What a push does about a phone whose word was lost, or that was quicker than the server. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { openInstallation } from '../../src/sdk/home.ts';
import type { FactWriter } from '../../src/sdk/ports/facts.ts';
import { pushAction } from '../../src/sdk/push/action.ts';
import { makeHome } from '../support/home.ts';

const MAC = '64167f000001';
const NOW = Date.UTC(2026, 0, 1);
const NOBODY = {
  http: () => Promise.reject(new Error('nobody is asked here')),
  notify: () => Promise.reject(new Error('nobody is told here')),
};

describe('sdk: a phone that a push has told', () => {
  async function withPush(
    test: (phone: {
      /** It fetched what the server had at this time. */
      fetches(at: number): Promise<void>;
      /** Looks at it so many milliseconds after it was told; returns how often it was told by then. */
      look(elapsed: number): Promise<number>;
    }) => Promise<void>,
  ): Promise<void> {
    await using home = await makeHome();
    await home.phonectl.devices.add({ devices: [{ mac: MAC, model: 'VVX450' }] });
    const installation = await openInstallation({ home: home.path });
    const facts: FactWriter = await installation.store.factWriter();
    try {
      const id = (await home.phonectl.devices.show({ device: MAC })).id!;
      let now = NOW;
      let told = 0;
      const clock = { ...installation.clock, now: () => now };
      const action = pushAction({ ...installation, clock, scope: 'all' }, NOBODY, async () => {
        told += 1;
        return { outcome: 'accepted', via: 'test' };
      });
      const { signal } = new AbortController();
      await action.attempt(id, signal);
      await test({
        async fetches(at) {
          const file = { name: `${MAC}.cfg`, digest: 'what was before', status: 200, again: false };
          facts.note({ type: 'served', deviceId: id, at: NOW + at, address: '127.0.0.1', ...file });
          while (facts.statistics().pending > 0) await setTimeout(10);
        },
        async look(elapsed) {
          now = NOW + elapsed;
          await action.probe!(id, elapsed, signal);
          return told;
        },
      });
    } finally {
      await facts.close();
      await installation.store.close();
    }
  }

  it('is told again when it came before the server knew of the change', () =>
    withPush(async ({ fetches, look }) => {
      await fetches(-100);
      assert.equal(await look(800), 1, 'it has not come since');
      await fetches(50);
      assert.equal(await look(1_200), 2);
      assert.equal(await look(2_000), 2, 'it was told after it came');
    }));

  it('is told again after a while when it does not come, and not for ever', () =>
    withPush(async ({ look }) => {
      assert.equal(await look(19_000), 1);
      assert.equal(await look(21_000), 2);
      assert.equal(await look(30_000), 2);
      for (const elapsed of [42_000, 63_000, 84_000, 105_000]) await look(elapsed);
      assert.equal(await look(126_000), 4);
    }));
});
