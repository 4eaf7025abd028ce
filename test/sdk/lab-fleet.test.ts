import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressesFor } from '../../src/sdk/lab/addresses.ts';
import { DEFAULT_MIX, madeUpFleet } from '../../src/sdk/lab/fleet.ts';

describe('a made-up fleet', () => {
  const password = (): string => 'x';

  it('is the same every time, and spread over the vendors as asked', () => {
    const fleet = madeUpFleet(100, DEFAULT_MIX, password);
    assert.deepEqual(madeUpFleet(100, DEFAULT_MIX, password), fleet);
    const vendors = fleet.devices
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[1]);
    const count = (vendor: string): number => vendors.filter((each) => each === vendor).length;
    assert.deepEqual([count('poly'), count('yealink'), count('cisco')], [40, 40, 20]);
    assert.equal(new Set(vendors.slice(0, 3)).size, 3);
  });

  it('has unique MACs and leaves out a vendor that nobody wants', () => {
    const fleet = madeUpFleet(500, { poly: 0, yealink: 1, cisco: 1 }, password);
    const macs = fleet.devices
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    assert.equal(new Set(macs).size, 500);
    assert.ok(!fleet.devices.includes('poly'));
  });
});

describe('loopback addresses of the lab', () => {
  it('are unique, keep what a phone has, and avoid .0 and .255', () => {
    const wish = fc.oneof(
      fc.constant(null),
      fc.ipV4(),
      fc.integer({ min: 1, max: 254 }).map((d) => `127.16.0.${d}`),
    );
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 600 }), (wishes) => {
        const addresses = addressesFor(wishes);
        assert.equal(new Set(addresses).size, wishes.length);
        for (const [index, address] of addresses.entries()) {
          assert.match(address, /^127\.(?!0\.)/);
          const first = wishes.indexOf(wishes[index]!) === index;
          if (first && wishes[index]?.startsWith('127.16.')) assert.equal(address, wishes[index]);
          if (wishes[index] === null) assert.doesNotMatch(address, /\.(0|255)$/);
        }
      }),
    );
  });
});
