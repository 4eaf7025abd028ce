import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatMac, type MacStyle, parseMac } from '../../src/domain/mac.ts';

const STYLES: readonly MacStyle[] = ['plain', 'upper', 'colon', 'hyphen', 'dot'];

describe('MAC addresses', () => {
  it('B-26: reads any common spelling', () => {
    for (const spelling of [
      '0004f2abcdef',
      '0004F2ABCDEF',
      '00:04:F2:AB:CD:EF',
      '00-04-f2-ab-cd-ef',
      '0004.f2ab.cdef',
      '0004F2-ABCDEF',
      'MAC%3A0004f2abcdef',
      'mac:00:04:f2:ab:cd:ef',
      'SEP0004F2ABCDEF',
      '  0004f2abcdef\t',
    ])
      assert.equal(parseMac(spelling), '0004f2abcdef', spelling);
  });

  it('refuses what is none', () => {
    for (const spelling of [
      '',
      '0004f2abcde',
      '0004f2abcdef0',
      '00:04-f2:ab:cd:ef',
      '00:04:f2:ab:cd',
      '0004.f2ab-cdef',
      'g004f2abcdef',
      '000000000000',
      'ff:ff:ff:ff:ff:ff',
      '0004f2abcdef.cfg',
      '0'.repeat(100_000),
    ])
      assert.equal(parseMac(spelling), undefined, spelling.slice(0, 40));
  });

  it('writes every style so that it is read again', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 0xfffffffffffen }), fc.constantFrom(...STYLES), (number, style) => {
        const mac = number.toString(16).padStart(12, '0');
        assert.equal(parseMac(formatMac(mac, style)), mac);
      }),
    );
    assert.equal(formatMac('0004f2abcdef', 'dot'), '0004.f2ab.cdef');
    assert.equal(formatMac('0004f2abcdef', 'upper'), '0004F2ABCDEF');
  });
});
