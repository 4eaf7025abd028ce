import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import { escapeAttribute, escapeText, parseXml } from '../../src/vendors/xml.ts';
import { bytes } from './fixtures.ts';

function refused(text: string | Uint8Array, why: RegExp, line?: number, column?: number): void {
  assert.throws(
    () => parseXml('x.cfg', typeof text === 'string' ? bytes(text) : text),
    (error) => {
      assert.ok(isPhonectlError(error) && error.code === 'invalid_file', String(error));
      assert.match(error.message, why);
      if (line !== undefined)
        assert.deepEqual([error.details['line'], error.details['column']], [line, column], error.message);
      return true;
    },
  );
}

describe('the XML of phones', () => {
  it('reads elements, attributes and text with line and column', () => {
    const { root } = parseXml(
      'x',
      bytes(
        '<?xml version="1.0"?>\r\n<!-- a -- b -->\r\n<a x="1"\r\n  reg.1.y=\'2 &lt;&#65;&#x42;\'>t<b/>u<![CDATA[<v>]]></a>\r\n',
      ),
    );
    assert.deepEqual(root.attributes, [
      { name: 'x', value: '1', line: 3, column: 4 },
      { name: 'reg.1.y', value: '2 <AB', line: 4, column: 3 },
    ]);
    assert.equal(root.text, 'tu<v>');
    assert.deepEqual(
      root.children.map(({ name, selfClosing }) => [name, selfClosing]),
      [['b', true]],
    );
  });

  it('forgives BOM, UTF-16, Latin-1 by declaration, bare ampersands, and says so of the latter', () => {
    assert.equal(parseXml('x', bytes('\ufeff<a>ü</a>')).root.text, 'ü');
    const utf16 = new Uint8Array([0xff, 0xfe, ...Buffer.from('<a>ü</a>', 'utf16le')]);
    assert.equal(parseXml('x', utf16).root.text, 'ü');
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>', 'latin1');
    assert.equal(parseXml('x', latin).root.text, 'ü');
    const bare = parseXml('x', bytes('<a b="R & D">x</a>'));
    assert.equal(bare.root.attributes[0]?.value, 'R & D');
    assert.match(bare.warnings[0]?.message ?? '', /bare '&'/);
  });

  it('reads white space in attributes as blanks (XML 1.0, 3.3.3)', () => {
    assert.equal(parseXml('x', bytes('<a b="1\r\n2\t3"/>')).root.attributes[0]?.value, '1 2 3');
  });

  it('I-01: refuses document types, entities, depth, size and number', () => {
    refused('<a>\n <!DOCTYPE x>', /declarations/, 2, 2);
    refused('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://x/">]><a/>', /declarations/, 1, 1);
    refused('<a>\n&lol;</a>', /is an entity/);
    refused(new Uint8Array([0xff, 0xfe, ...Buffer.from('<!DOCTYPE a><a/>', 'utf16le')]), /declarations/);
    refused('<a>'.repeat(100), /nested deeper than 64/);
    refused(`<a ${'b="" '.repeat(300_000)}/>`, /more than 250000/);
    refused(new Uint8Array(8 * 1024 * 1024 + 1), /more than 8388608 bytes/);
    refused(new Uint8Array([0x3c, 0x61, 0x3e, 0xff, 0xff]), /not UTF-8/);
  });

  it('says where a broken file breaks', () => {
    refused('', /no XML element/, 1, 1);
    refused('<a>\n  <b>\n</a>', /<\/a> stands where <\/b> is due/, 3, 1);
    refused('<a', /'>' is missing/, 1, 3);
    refused('<a b=1/>', /not quoted/, 1, 6);
    refused('<a b="1', /does not end/, 1, 6);
    refused('<a b="1"c="2"/>', /blank is missing/, 1, 9);
    refused('<a/><b/>', /second outermost/, 1, 5);
    refused('x<a/>', /outside/, 1, 1);
    refused('<a><!-- ', /comment does not end/, 1, 4);
    refused('<a>&#0;</a>', /no character/);
    refused('</a>', /closes nothing/, 1, 1);
  });

  it('is linear: a megabyte of each awkward thing is quick', () => {
    const started = process.cpuUsage();
    for (const text of ['<', '&', '<!--', '<a b="', '&#', ' ', '\n', '<a ', '<![CDATA['].map(
      (unit) => `<a>${unit.repeat(1_000_000 / unit.length)}`,
    ))
      assert.throws(() => parseXml('x', bytes(text)));
    const used = process.cpuUsage(started);
    assert.ok(used.user + used.system < 2_000_000, `${used.user + used.system} µs`);
  });

  it('escapes so that any text comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        // Line ends and tabs never reach the writers: values with them are refused before.
        if (/[\t\r\n]/.test(text)) return;
        const { root } = parseXml('x', bytes(`<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`));
        assert.equal(root.attributes[0]?.value, text);
        assert.equal(root.text, text);
      }),
    );
  });
});
