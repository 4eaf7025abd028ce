import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newKeyFile, parseKeyFile, secretBox } from '../../src/store/secrets.ts';

describe('sealing', () => {
  const box = secretBox(parseKeyFile(newKeyFile(), 'test'));

  it('opens what it sealed, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (plain, row) => {
        assert.equal(box.open(box.seal(plain, row), row), plain.toWellFormed());
      }),
    );
  });

  it('never seals twice alike and holds no clear text', () => {
    const [one, two] = [box.seal('correct horse', 'row'), box.seal('correct horse', 'row')];
    assert.notDeepEqual(one, two);
    assert.ok(!Buffer.from(one).includes('correct'));
  });

  it('does not open in another row, with another key, or with a bit changed', () => {
    const sealed = box.seal('secret', 'account:sip/1001:password');
    assert.throws(() => box.open(sealed, 'account:sip/1002:password'), { code: 'wrong_key' });
    const other = secretBox(parseKeyFile(newKeyFile(), 'test'));
    assert.throws(() => other.open(sealed, 'account:sip/1001:password'), { code: 'wrong_key' });
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Uint8Array.from(sealed);
      changed[index] = changed[index]! ^ 1;
      assert.throws(() => box.open(changed, 'account:sip/1001:password'), { code: 'wrong_key' });
    }
    assert.throws(() => box.open(new Uint8Array(3), 'row'), { code: 'wrong_key' });
  });

  it('gives each key its own fingerprints', () => {
    const other = secretBox(parseKeyFile(newKeyFile(), 'test'));
    assert.equal(box.fingerprint('a'), box.fingerprint('a'));
    assert.notEqual(box.fingerprint('a'), box.fingerprint('b'));
    assert.notEqual(box.fingerprint('a'), other.fingerprint('a'));
  });

  it('refuses a file that holds no key', () => {
    for (const text of ['', 'phonectl-key-1:', 'phonectl-key-1:AAAA', 'other']) {
      assert.throws(() => parseKeyFile(text, 'k'), { code: 'wrong_key' });
    }
  });
});
