import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Strategy } from '../../src/sdk/ports/tasks.ts';
import { Patience } from '../../src/tasks/patience.ts';
import { canaryFailed, startsAllowed, tooManyFailures, wavesOf } from '../../src/tasks/strategy.ts';
import { SourceThrottle, Throttle } from '../../src/tasks/throttle.ts';
import { STRATEGY } from './support.ts';

const counters = (total: number, success: number, failure: number) => ({
  total,
  success,
  failure,
  notApplicable: 0,
  skipped: 0,
  inProgress: total - success - failure,
});

describe('tasks: strategies', () => {
  it('a share of failures is one of the finished, from a sample of 20 on', () => {
    const limit = { maxFailures: '5%' } as const;
    assert.equal(tooManyFailures(limit, counters(1000, 17, 2)), undefined);
    assert.equal(tooManyFailures(limit, counters(1000, 18, 2)), '2 of the first 20 failed: more than 5%.');
    assert.equal(tooManyFailures(limit, counters(1000, 19, 1)), undefined);
    assert.equal(tooManyFailures(limit, counters(10, 0, 1)), '1 of 10 failed: more than 5%.');
    assert.equal(tooManyFailures({ maxFailures: 2 }, counters(1000, 0, 2)), undefined);
    assert.equal(tooManyFailures({ maxFailures: 2 }, counters(1000, 0, 3)), '3 failed: more than 2.');
    assert.equal(tooManyFailures({}, counters(1000, 0, 900)), undefined);
  });

  it('a canary is judged without a sample, and strictly where there is no limit', () => {
    assert.equal(canaryFailed({}, { success: 5, failure: 0 }), undefined);
    assert.match(canaryFailed({}, { success: 5, failure: 1 }) ?? '', /^1 of 6 phones of the canary failed/);
    assert.equal(canaryFailed({ maxFailures: '20%' }, { success: 5, failure: 1 }), undefined);
    assert.equal(canaryFailed({ maxFailures: 1 }, { success: 0, failure: 1 }), undefined);
  });

  it('begins no more than the limit still allows, whatever happens to them (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        fc.oneof(
          fc.integer({ min: 0, max: 30 }),
          fc.integer({ min: 0, max: 100 }).map((share) => `${share}%` as const),
        ),
        fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }),
        (total, concurrency, maxFailures, fate) => {
          const strategy: Strategy = { ...STRATEGY, concurrency, maxFailures };
          const cap =
            typeof maxFailures === 'number' ? maxFailures : Math.floor((Number.parseFloat(maxFailures) / 100) * total);
          let [success, failure, inFlight, begun] = [0, 0, 0, 0];
          // A runner that begins all it may and ends one at a time.
          while (begun < total || inFlight > 0) {
            const now = { counters: counters(total, success, failure), inFlight };
            if (tooManyFailures(strategy, now.counters) !== undefined) break;
            const starts = Math.min(startsAllowed(strategy, now), total - begun);
            assert.ok(inFlight + starts > 0, 'it never comes to a stand');
            begun += starts;
            inFlight += starts;
            assert.ok(inFlight <= concurrency);
            assert.ok(
              failure + inFlight <= cap + 1 || inFlight === 0,
              'if all in flight failed, one too many at the most',
            );
            if (fate[success + failure]) success += 1;
            else failure += 1;
            inFlight -= 1;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('waves: every device once, the canary of each model first, batches site after site (property)', () => {
    const device = fc.record({ model: fc.constantFrom('a', 'b', null), siteId: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(
        fc.array(device, { maxLength: 60 }),
        fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        (devices, canary, batch) => {
          const waves = wavesOf(devices, { ...(canary && { canary }), ...(batch && { batch }) });
          assert.equal(waves.length, devices.length);
          for (const model of new Set(devices.map((each) => each.model))) {
            const own = devices.flatMap((each, index) => (each.model === model ? [waves[index]] : []));
            const first = canary === undefined ? 0 : Math.min(canary, own.length);
            assert.equal(own.filter((wave) => wave === 0).length, first);
            assert.ok(
              own.slice(0, first).every((wave) => wave === 0),
              'in the order of the devices',
            );
          }
          const rest = waves.filter((wave) => wave > 0);
          const sizes = [...Map.groupBy(rest, (wave) => wave).values()].map((wave) => wave.length);
          assert.ok(sizes.every((size) => batch === undefined || size <= batch));
          if (batch !== undefined) assert.equal(sizes.length, Math.ceil(rest.length / batch));
          // A site is begun when all sites before it are: its waves never lie before theirs.
          const order = [...Map.groupBy(devices.keys(), (index) => devices[index]?.siteId).values()]
            .map((indexes) => indexes.map((index) => waves[index] ?? 0).filter((wave) => wave > 0))
            .filter((site) => site.length > 0);
          const bounds = order
            .map((site) => [Math.min(...site), Math.max(...site)] as const)
            .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          for (let index = 1; index < bounds.length; index += 1) {
            assert.ok((bounds[index]?.[0] ?? 0) >= (bounds[index - 1]?.[1] ?? 0));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('who takes twice as long as the others holds no place; nobody does before it is known how long it takes', () => {
    const patience = new Patience();
    for (let phone = 0; phone < 9; phone += 1) patience.note(60_000 + phone);
    assert.equal(patience.lost([1e9, 1e9], 50), 0);
    patience.note(90_000);
    assert.equal(patience.lost([119_000, 121_000, 300_000], 50), 2);
    assert.equal(patience.lost(new Array(60).fill(300_000), 50), 50, 'they never double the phones that are away');
  });

  it('a throttle lets no more through than its rate, and saves up one second at most (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.record({ wanted: fc.integer({ min: 0, max: 30 }), pause: fc.integer({ min: 0, max: 3000 }) })),
        (rate, steps) => {
          const throttle = new Throttle(rate);
          const taken: number[] = [];
          let now = 10_000;
          for (const { wanted, pause } of steps) {
            now += pause;
            for (let count = throttle.take(wanted, now); count > 0; count -= 1) taken.push(now);
          }
          for (const start of taken) {
            const within = taken.filter((at) => at >= start && at < start + 1000).length;
            assert.ok(within <= 2 * rate + 1, `${within} within a second at ${rate} a second`);
          }
        },
      ),
    );
    const sources = new SourceThrottle(1);
    assert.deepEqual(
      [sources.take('a', 0), sources.take('a', 1), sources.take('b', 1), sources.take(null, 1), sources.take(null, 1)],
      [true, false, true, true, true],
    );
  });
});
