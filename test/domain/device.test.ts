import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkTag, formatTags, parseSerial, parseTags, statusOf } from '../../src/domain/device.ts';

describe('devices, pure rules', () => {
  it('DEV-14, B-13: offline first, then registered when a line is', () => {
    const status = (online: boolean, sip: Parameters<typeof statusOf>[0]['sip']): string =>
      statusOf({ state: 'active', online, sip });
    assert.equal(status(false, 'registered'), 'offline');
    assert.equal(status(true, 'registered'), 'registered');
    assert.equal(status(true, 'partial'), 'registered');
    for (const sip of ['unregistered', 'aged', 'unknown'] as const) assert.equal(status(true, sip), 'unregistered');
    assert.equal(statusOf({ state: 'replaced', online: true, sip: 'registered' }), 'replaced');
  });

  it('VAL-11: a serial number has letters and digits only', () => {
    assert.equal(parseSerial(' 8218404C20CCF9 '), '8218404c20ccf9');
    assert.equal(parseSerial('FCH2045ABCD'), 'fch2045abcd');
    for (const bad of ['', '12:34', '82-18', 'a b', 'x'.repeat(33)]) assert.equal(parseSerial(bad), undefined, bad);
  });

  it('tags survive being written and read', () => {
    const key = fc.stringMatching(/^[a-z0-9][a-z0-9._/-]{0,10}$/);
    const value = fc.stringMatching(/^[^\s|\p{Cc}]{0,10}$/u);
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (tags) => {
        assert.deepEqual(parseTags(formatTags(tags)), { tags });
      }),
    );
  });

  it('refuses tags that could not be written', () => {
    assert.ok(checkTag('', 'x'));
    assert.ok(checkTag('a b', 'x'));
    assert.ok(checkTag('a', 'b c'));
    assert.ok('problem' in parseTags('=x'));
  });
});
