import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isInside, localTime, parseOfficeHours } from '../../src/domain/office-hours.ts';

const BERLIN = 'Europe/Berlin';

function inside(text: string, at: string, zone = BERLIN): boolean {
  const hours = parseOfficeHours(text);
  assert.ok(hours, text);
  return isInside(hours, zone, Date.parse(at));
}

describe('TASK-32: office hours', () => {
  it('are read as people write them', () => {
    const days = (text: string): readonly number[] => [...(parseOfficeHours(text)?.days ?? [])];
    assert.deepEqual(days('mon-fri 08:00-18:00'), [1, 2, 3, 4, 5]);
    assert.deepEqual(days('Mon,Wed-Thu 8:00-16:30'), [1, 3, 4]);
    assert.deepEqual(days('sat-mon 08:00-18:00'), [6, 0, 1]);
    assert.deepEqual(days('08:00-18:00'), [0, 1, 2, 3, 4, 5, 6]);
    for (const wrong of ['', 'off', 'mon-fri', '8-18', 'mon-tue-wed 08:00-18:00', 'noon 08:00-18:00', '08:00-08:00']) {
      assert.equal(parseOfficeHours(wrong), undefined, wrong);
    }
  });

  it('are those of the place, on both sides of a change of its clocks', () => {
    // A Friday before, and the Monday after, the clocks go back in Berlin (2026-10-25).
    assert.equal(inside('mon-fri 08:00-18:00', '2026-10-23T06:00:00Z'), true);
    assert.equal(inside('mon-fri 08:00-18:00', '2026-10-26T06:30:00Z'), false);
    assert.equal(inside('mon-fri 08:00-18:00', '2026-10-26T16:59:00Z'), true);
    assert.equal(inside('mon-fri 08:00-18:00', '2026-10-26T17:00:00Z'), false);
    assert.equal(inside('mon-fri 08:00-18:00', '2026-10-24T10:00:00Z'), false, 'a Saturday');
    // Sunday evening in Berlin is Monday morning in Auckland.
    assert.equal(inside('mon-fri 08:00-18:00', '2026-11-22T20:00:00Z', 'Pacific/Auckland'), true);
  });

  it('of a night shift belong to the day on which it begins', () => {
    assert.equal(inside('fri 22:00-06:00', '2026-11-20T22:30:00Z'), true);
    assert.equal(inside('fri 22:00-06:00', '2026-11-21T04:59:00Z'), true);
    assert.equal(inside('fri 22:00-06:00', '2026-11-21T22:30:00Z'), false);
    assert.equal(inside('fri 22:00-06:00', '2026-11-20T04:00:00Z'), false, 'the end of a Thursday');
  });

  it('and the rest of the day are all of it (property)', () => {
    const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    const zone = fc.constantFrom(BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    const [hours, rest] = [parseOfficeHours('08:00-18:00'), parseOfficeHours('18:00-08:00')];
    assert.ok(hours && rest);
    fc.assert(
      fc.property(moment, zone, (date, timeZone) => {
        const at = date.getTime();
        assert.notEqual(isInside(hours, timeZone, at), isInside(rest, timeZone, at));
        const { minute } = localTime(timeZone, at);
        assert.equal(isInside(hours, timeZone, at), minute >= 480 && minute < 1080);
      }),
    );
  });
});
