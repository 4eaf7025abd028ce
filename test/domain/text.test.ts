import assert from 'node:assert/strict';
import { checkName, checkText, editDistance, excerpt, NAME_LENGTH, nameKey, nearest } from '../../src/domain/text.ts';

describe('names and text', () => {
  it('compares names in one form (I18N-02)', () => {
    assert.equal(nameKey(' Mu\u0308ller '), nameKey('MÜLLER'));
    assert.notEqual(nameKey('Müller'), nameKey('Muller'));
  });

  it('takes any printable Unicode as a name (design.md 12 over VAL-01)', () => {
    for (const name of ['a', 'Besprechungsraum 3', '会议室', 'Zoë & Ümit', '#.-_()[]', 'x'.repeat(NAME_LENGTH), '🎧']) {
      assert.equal(checkName(name), undefined, name);
    }
  });

  it('refuses names that are empty, too long, or cannot be printed', () => {
    assert.match(checkName('  ') ?? '', /empty/);
    assert.match(checkName('x'.repeat(100_000)) ?? '', /100000 characters/);
    for (const bad of ['\n', '\r', '\0', '\t', '\u0085', '\u2028', '\u202e', '\u2066', '\ufeff', '\ud800']) {
      assert.match(checkName(`a${bad}b`) ?? '', /cannot be printed/, JSON.stringify(bad));
    }
  });

  it('lets a text be empty, but not a control character', () => {
    assert.equal(checkText(''), undefined);
    assert.match(checkText('a\nb') ?? '', /U\+000A/);
  });

  it('suggests what differs in at most a third of its letters', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('naem', 'name'), 1);
    assert.deepEqual(nearest('Berln', ['Bern', 'Berlin', 'Paris']), ['Berlin', 'Bern']);
    assert.deepEqual(nearest('xyz', ['Berlin']), []);
    assert.deepEqual(nearest('lobbi', ['lobby', 'lobby']), ['lobby'], 'two phones of one name');
  });

  it('shortens what would flood a message', () => {
    assert.equal(excerpt('x'.repeat(100)).length, 60);
  });
});
