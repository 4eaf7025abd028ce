import assert from 'node:assert/strict';
import { openInstallation } from '../../src/sdk/home.ts';
import type { LoadSample } from '../../src/sdk/ports/readings.ts';
import { makeHome } from '../support/home.ts';

const nothing = { cpu: null, cpuAverage: null, memoryUsed: null, memoryTotal: null };

describe('DIAG-21: samples of the load', () => {
  it('are kept in order of time; what is older than it may be goes, of the same device only', async () => {
    const home = await makeHome();
    try {
      const { devices } = home.phonectl;
      await devices.add({ devices: [{ mac: '0004f2000001' }, { mac: '0004f2000002' }] });
      const { store } = await openInstallation({ home: home.path });
      const id = async (mac: string): Promise<number> => (await store.read.devices.match(mac, 'all'))[0]?.id ?? 0;
      const [one, two] = [await id('0004f2000001'), await id('0004f2000002')];
      const sample = (deviceId: number, at: number, cpu: number | null): LoadSample => ({
        ...nothing,
        deviceId,
        at,
        cpu,
      });
      const record = (samples: readonly LoadSample[], oldest: number) =>
        store.transaction(({ readings }) => readings.recordLoads(samples, oldest));
      const cpus = async (deviceId: number, since = 0) =>
        (await store.read.readings.loads(deviceId, since)).map(({ at, cpu }) => [at, cpu]);

      await record([sample(one, 20, 2), sample(one, 10, 1), sample(two, 10, 7), sample(two, 15, null)], 0);
      // A device that is gone, and a moment that is there already.
      await record([sample(99_999, 10, 5), sample(one, 20, 9)], 0);
      assert.deepEqual(await cpus(one), [
        [10, 1],
        [20, 2],
      ]);
      assert.deepEqual(await cpus(one, 11), [[20, 2]]);
      await record([sample(one, 30, 3)], 20);
      assert.deepEqual(await cpus(one), [
        [20, 2],
        [30, 3],
      ]);
      assert.deepEqual(await cpus(two), [
        [10, 7],
        [15, null],
      ]);
      await devices.delete({ selector: { refs: ['0004f2000001'] } });
      assert.deepEqual(await cpus(one), []);
      await store.close();
    } finally {
      await home.remove();
    }
  });
});
