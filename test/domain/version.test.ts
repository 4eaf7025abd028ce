import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkRule,
  comparable,
  compareVersions,
  parseRange,
  parseVersion,
  type Version,
} from '../../src/domain/version.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

describe('firmware versions', () => {
  it('reads the shapes of all vendors', () => {
    assert.deepEqual(version('6.4.4.8275').numbers, [6, 4, 4, 8275]);
    assert.deepEqual(version('5.9.3.2857 02-Jul-19 06:14').numbers, [5, 9, 3, 2857]);
    assert.deepEqual(version('12-0-7MPP0201-66'), {
      text: '12-0-7MPP0201-66',
      numbers: [12, 0, 7],
      suffix: 'mpp0201-66',
    });
    assert.deepEqual(version('11.3.7_MPP_0001').suffix, '_mpp_0001');
    assert.deepEqual(version('7.4.8a').suffix, 'a');
    for (const text of ['', 'x', 'v1.2', '.1', '9'.repeat(100)]) assert.equal(parseVersion(text), undefined, text);
  });

  it('compares number by number, not as text', () => {
    assert.ok(compareVersions(version('5.9.10'), version('5.9.9')) > 0);
    assert.ok(compareVersions(version('66.86.0.15'), version('66.86.0.160')) < 0);
    assert.ok(compareVersions(version('7.4.8'), version('7.4.8a')) < 0);
    assert.equal(compareVersions(version('6.4'), version('6.4.0.0')), 0);
  });

  it('orders any three versions consistently', () => {
    const text = fc.array(fc.nat({ max: 120 }), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const [va, vb, vc] = [version(a), version(b), version(c)];
        assert.equal(Math.sign(compareVersions(va, vb)), -Math.sign(compareVersions(vb, va)));
        if (compareVersions(va, vb) <= 0 && compareVersions(vb, vc) <= 0) assert.ok(compareVersions(va, vc) <= 0);
      }),
    );
  });

  it('MODEL-01: versions of another prefix are not comparable', () => {
    assert.ok(comparable(version('66.84.0.15'), version('66.86.0.15')));
    assert.ok(!comparable(version('97.84.0.30'), version('96.86.0.45')));
  });

  it('MODEL-02, MODEL-04, B-46: rules have a minimum, exceptions and an upper bound', () => {
    const rule = {
      edition: 'sip',
      min: 'XX.83.0.30',
      except: ['XX.84.0.10'],
      below: 'XX.84.0.70',
      branch: [70, 99],
    } as const;
    const expected = {
      '53.83.0.29': 'too-old',
      '53.83.0.30': 'supported',
      '53.84.0.10': 'excepted',
      '53.84.0.69': 'supported',
      '53.84.0.70': 'too-new',
      '53.85.0.5': 'too-new',
      '53.9.0.45': 'not-addressed',
    };
    for (const [text, result] of Object.entries(expected)) assert.equal(checkRule(version(text), rule), result, text);
    assert.equal(checkRule(version('53.84.0.20'), { edition: 'sip', min: '58.83.0.5' }), 'not-addressed');
    assert.throws(() => checkRule(version('1.2'), { edition: 'sip', min: 'XX' }), RangeError);
  });

  it('reads ranges of selectors; a short one means all below it', () => {
    const cases: [string, string, boolean][] = [
      ['<6.4', '6.3.1.100', true],
      ['<6.4', '6.4.0.1', false],
      ['<=6.4', '6.4.8.1', true],
      ['>6.4', '6.4.8.1', false],
      ['>=5.9.5', '5.9.5.614', true],
      ['6.4', '6.4.8', true],
      ['=6.4', '6.5.0', false],
      ['!=XX.84.0.10', '66.84.0.10', false],
      ['>=5.9,<6', '5.9.8.5760', true],
      ['>=5.9,<6', '6.0.0.1', false],
      ['<6.4', 'unknown', false],
    ];
    for (const [range, text, inside] of cases) assert.equal(parseRange(range)?.(text), inside, `${range} ${text}`);
    for (const range of ['', '<', '6.x', '<6.4,', 'a b', '=>6']) assert.equal(parseRange(range), undefined, range);
  });

  it('binds a range of prefixed firmware to its prefix', () => {
    const range = parseRange('<96.86', { prefixed: true });
    assert.equal(range?.('96.85.0.5'), true);
    assert.equal(range?.('66.85.0.5'), false);
    assert.equal(parseRange('<XX.86', { prefixed: true })?.('66.85.0.5'), true);
    assert.equal(parseRange('!=96.86', { prefixed: true })?.('66.86.0.5'), true);
  });
});
