import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contains, formatAddress, formatCidr, PrefixTable, parseAddress, parseCidr } from '../../src/domain/subnet.ts';

function cidr(text: string): string | undefined {
  const parsed = parseCidr(text);
  return parsed && formatCidr(parsed.cidr);
}

describe('subnets', () => {
  it('B-06: a base that is no network address is normalised, and told', () => {
    assert.deepEqual(parseCidr('20.56.31.0/8')?.changed, true);
    assert.equal(cidr('20.56.31.0/8'), '20.0.0.0/8');
    assert.equal(parseCidr('20.0.0.0/8')?.changed, false);
    assert.equal(cidr('2001:DB8:0:0::1/32'), '2001:db8::/32');
    assert.equal(cidr(' 10.1.2.3 '), '10.1.2.3/32');
    assert.equal(cidr('::1'), '::1/128');
    assert.equal(cidr('0.0.0.0/0'), '0.0.0.0/0');
  });

  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/8/8',
    '1.2.3.4/',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'g::1',
    '::1/129',
    '1:2:3:4:5:6:7:8:9',
    'fe80::/x',
    'host',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined));
  }

  it('takes an IPv4 address inside IPv6 for the IPv4 address', () => {
    assert.deepEqual(parseAddress('::ffff:10.1.2.3'), parseAddress('10.1.2.3'));
    assert.deepEqual(parseAddress('fe80::1%eth0'), parseAddress('fe80::1'));
  });

  it('writes IPv6 as RFC 5952 does', () => {
    for (const [text, written] of [
      ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['0:0:0:0:0:0:0:0', '::'],
      ['1:0:0:0:0:0:0:0', '1::'],
    ]) {
      assert.equal(formatAddress(parseAddress(text!)!), written);
    }
  });

  it('reads what it writes, for every address', () => {
    const address = fc.oneof(
      fc.record({ version: fc.constant(4 as const), value: fc.bigInt(0n, 0xffffffffn) }, { noNullPrototype: true }),
      fc.record(
        { version: fc.constant(6 as const), value: fc.bigInt(1n << 48n, (1n << 128n) - 1n) },
        { noNullPrototype: true },
      ),
    );
    fc.assert(fc.property(address, (one) => assert.deepEqual(parseAddress(formatAddress(one)), one)));
  });

  it('finds the longest prefix as a plain search does', () => {
    const subnet = fc.tuple(fc.bigInt(0n, 0xffffn), fc.integer({ min: 0, max: 16 }));
    fc.assert(
      fc.property(fc.array(subnet, { maxLength: 20 }), fc.bigInt(0n, 0xffffn), (subnets, value) => {
        // All in 10.0.0.0/16, so that prefixes meet often.
        const cidrs = subnets.map(([base, length]) => {
          const address = formatAddress({ version: 4, value: (10n << 24n) | base });
          return parseCidr(`${address}/${16 + length}`)!.cidr;
        });
        const table = new PrefixTable<string>();
        for (const one of cidrs) table.at(one, () => formatCidr(one));
        const address = { version: 4 as const, value: (10n << 24n) | value };
        const wanted = [
          ...new Set(
            cidrs
              .filter((one) => contains(one, address))
              .sort((a, b) => b.length - a.length)
              .map(formatCidr),
          ),
        ];
        assert.deepEqual([...table.matches(address)], wanted);
      }),
    );
  });
});
