import assert from 'node:assert/strict';
import { parseMoment } from '../../src/domain/moment.ts';

describe('domain: moments', () => {
  it('days, times of a day, zones; without a zone it is UTC', () => {
    assert.equal(parseMoment('2026-11-22'), Date.UTC(2026, 10, 22));
    assert.equal(parseMoment('2026-11-22 14:00'), Date.UTC(2026, 10, 22, 14));
    assert.equal(parseMoment('2026-11-22T14:00:07'), Date.UTC(2026, 10, 22, 14, 0, 7));
    assert.equal(parseMoment(' 2026-11-22T14:00:00.250Z '), Date.UTC(2026, 10, 22, 14, 0, 0, 250));
    assert.equal(parseMoment('2026-11-22T14:00:00+01:00'), Date.UTC(2026, 10, 22, 13));
    assert.equal(parseMoment('2024-02-29'), Date.UTC(2024, 1, 29));
  });

  it('what a browser would take for a time, and nobody means', () => {
    for (const text of [
      '',
      '1',
      '24h',
      'yesterday',
      '22.11.2026',
      '2026-11-31',
      '2026-02-29',
      '2026-11-22T25:00',
      '2026-11',
    ])
      assert.equal(parseMoment(text), undefined, text);
  });
});
