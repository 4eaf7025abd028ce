import assert from 'node:assert/strict';
import { groupSubnets, rulesOf, SiteResolver, subnetText, UNSET_SUBNET } from '../../src/domain/site.ts';
import { formatSubnets, parseSubnets } from '../../src/domain/subnets-json.ts';

const [INTERNET, COMPANY, A1, A2, B1, B2] = [1, 2, 11, 12, 13, 14] as const;
const fallback = { internet: INTERNET, unlocated: COMPANY };

/** The manual's table, "Adding a Site"; 20.56.31.0/8 is 20.0.0.0/8 (B-06). */
const manual = new SiteResolver(
  [
    { siteId: A1, publicCidr: '20.1.0.0/16', privateCidr: '10.0.0.0/8' },
    { siteId: A2, publicCidr: '20.1.0.0/16', privateCidr: '10.33.24.0/24' },
    { siteId: B1, publicCidr: '20.0.0.0/8', privateCidr: '3.1.0.0/16' },
    { siteId: B2, publicCidr: '20.0.0.0/8', privateCidr: null },
  ],
  fallback,
);

describe('which site a device is at', () => {
  for (const [publicIp, privateIp, site, name] of [
    ['20.1.7.7', '10.1.1.1', A1, 'SITE-10: longest public match, then its private match'],
    ['20.1.7.7', '10.33.24.9', A2, 'SITE-10: the longer private match of two'],
    ['20.99.7.7', '3.1.200.1', B1, 'SITE-10: another public subnet'],
    ['20.99.7.7', '192.168.1.1', B2, 'SITE-11: the site without private subnets takes the rest'],
    ['20.99.7.7', null, B2, 'SITE-11: also without a private address'],
    ['20.1.7.7', '192.168.1.1', B2, 'a public subnet that fits nothing gives way to the shorter one'],
    ['8.8.8.8', '10.1.1.1', INTERNET, 'SITE-07: outside the enterprise networks'],
    [null, '20.1.2.3', B2, 'a private address alone is taken for what the server would see'],
    [null, null, COMPANY, 'without any address it stays with the company'],
    ['::ffff:20.1.7.7', '10.33.24.9', A2, 'an IPv4 address inside IPv6'],
  ] as const) {
    it(`${name}: ${publicIp} / ${privateIp}`, () => {
      assert.equal(manual.resolve({ publicIp, privateIp }).siteId, site);
    });
  }

  it('SITE-06: the unset subnet of Intranet holds no device', () => {
    const resolver = new SiteResolver([{ siteId: 3, publicCidr: UNSET_SUBNET, privateCidr: null }], fallback);
    assert.equal(resolver.resolve({ publicIp: '10.0.0.1' }).by, 'internet');
  });

  it('of two sites with the very same subnet the older one has it, in whatever order they come', () => {
    const rules = [30, 20].map((siteId) => ({ siteId, publicCidr: '10.0.0.0/8', privateCidr: null }));
    assert.equal(new SiteResolver(rules, fallback).resolve({ publicIp: '10.1.1.1' }).siteId, 20);
  });

  it('knows IPv6', () => {
    const resolver = new SiteResolver(
      [
        { siteId: 5, publicCidr: '2001:db8::/32', privateCidr: null },
        { siteId: 6, publicCidr: '2001:db8:20::/48', privateCidr: null },
      ],
      fallback,
    );
    assert.equal(resolver.resolve({ publicIp: '2001:db8:20::7' }).siteId, 6);
    assert.equal(resolver.resolve({ publicIp: '2001:db8:21::7' }).siteId, 5);
  });

  it('answers for 50,000 devices at 20,000 sites in well under the time of a command', () => {
    const rules = Array.from({ length: 20_000 }, (_, index) => ({
      siteId: index + 10,
      publicCidr: `${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.0/24`,
      privateCidr: null,
    }));
    const resolver = new SiteResolver(rules, fallback);
    const started = process.cpuUsage();
    let found = 0;
    for (let index = 0; index < 50_000; index += 1) {
      const { by } = resolver.resolve({ publicIp: `20.${(index >> 8) & 255}.${index & 255}.9`, privateIp: '10.0.0.1' });
      found += Number(by === 'subnet');
    }
    const { user } = process.cpuUsage(started);
    assert.ok(found > 15_000);
    assert.ok(user < 3_000_000, `${user} µs of CPU`);
  });
});

describe('the subnets of a site', () => {
  it('are rules: one for each private subnet, one for a public subnet without any', () => {
    const subnets = [
      { public: '20.1.0.0/16', private: ['10.0.0.0/8', '10.33.24.0/24'] },
      { public: '20.2.0.0/16', private: [] },
    ];
    const rules = rulesOf(subnets);
    assert.equal(rules.length, 3);
    assert.deepEqual(groupSubnets(rules), subnets);
    assert.deepEqual(subnets.map(subnetText), ['20.1.0.0/16 > 10.0.0.0/8, 10.33.24.0/24', '20.2.0.0/16']);
  });

  it('CSV-03: are JSON in a file, and come back the same', () => {
    const subnets = [
      { public: '20.1.0.0/16', private: ['10.0.0.0/8'] },
      { public: '2001:db8::/32', private: [] },
    ];
    const parsed = parseSubnets(formatSubnets(subnets));
    assert.deepEqual(parsed, { ok: true, subnets, warnings: [] });
  });

  it('B-06: mask lengths as strings or numbers, network addresses put right with a warning', () => {
    const parsed = parseSubnets('{"public-subnet-list":[{"ip-address":"20.56.31.0","mask-length":8}]}');
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.subnets, [{ public: '20.0.0.0/8', private: [] }]);
    assert.match(parsed.warnings[0]!, /20\.0\.0\.0\/8/);
  });

  it("B-06: the manual's own malformed example is read as it is meant", () => {
    const parsed = parseSubnets(
      '{"public-subnet-list":[{"ip-address":"1.2.3.4","mask-length":"32"},"private-subnet-list":[{"ip-address":"172.21.120.1","mask-length":"28"},{"ip-address":"192.168.1.1","mask-length":"28"}],{"ip-address":"2.3.4.5","mask-length":"32"}]',
    );
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.subnets, [
      { public: '1.2.3.4/32', private: ['172.21.120.0/28', '192.168.1.0/28'] },
      { public: '2.3.4.5/32', private: [] },
    ]);
    assert.match(parsed.warnings[0]!, /not well-formed/);
  });

  for (const [text, reason] of [
    ['{bad', /not JSON/],
    ['[]', /public-subnet-list/],
    ['{}', /public-subnet-list/],
    ['{"public-subnet-list":{}}', /not a list/],
    ['{"public-subnet-list":[{"mask-length":8}]}', /ip-address/],
    ['{"public-subnet-list":[{"ip-address":"10.0.0.0"}]}', /mask-length/],
    ['{"public-subnet-list":[{"ip-address":"300.0.0.0","mask-length":8}]}', /not an IP address/],
    ['{"public-subnet-list":[{"ip-address":"10.0.0.0","mask-length":33}]}', /not a mask length/],
    ['{"public-subnet-list":[{"ip-address":"10.0.0.0","mask-length":8,"private-subnet-list":[7]}]}', /ip-address/],
    ['{"__proto__":{"public-subnet-list":[]}}', /public-subnet-list/],
  ] as const) {
    it(`CSV-03: refuses ${text}`, () => {
      const parsed = parseSubnets(text);
      assert.ok(!parsed.ok);
      assert.match(parsed.reason, reason);
    });
  }
});
