import assert from 'node:assert/strict';
import {
  ACCOUNT_TYPES,
  type AccountField,
  BLANK_ACCOUNT,
  checkAccount,
  readAccountType,
  readPort,
  readTransport,
  TYPE_FACTS,
} from '../../src/domain/account.ts';

function fieldsWith(type: (typeof ACCOUNT_TYPES)[number]): typeof BLANK_ACCOUNT {
  const values: Partial<Record<AccountField, unknown>> = { port: 5060, port2: 5061, transport: 'tls' };
  const named = [...TYPE_FACTS[type].required, ...TYPE_FACTS[type].optional];
  return { ...BLANK_ACCOUNT, ...Object.fromEntries(named.map((field) => [field, values[field] ?? 'x.example'])) };
}

describe('account types', () => {
  for (const type of ACCOUNT_TYPES) {
    it(`ACCT-01: ${type} takes all of its fields, wants the required ones, and refuses the others`, () => {
      const full = fieldsWith(type);
      assert.deepEqual(checkAccount(type, full), []);
      for (const field of TYPE_FACTS[type].required) {
        assert.deepEqual(
          checkAccount(type, { ...full, [field]: BLANK_ACCOUNT[field] }).map((problem) => problem.field),
          [field],
        );
      }
      const foreign = (Object.keys(BLANK_ACCOUNT) as AccountField[]).filter(
        (field) => !TYPE_FACTS[type].required.includes(field) && !TYPE_FACTS[type].optional.includes(field),
      );
      for (const field of foreign) {
        const [problem] = checkAccount(type, { ...full, [field]: field.startsWith('port') ? 5060 : 'x' });
        assert.match(problem!.reason, /does not belong/);
      }
    });
  }

  it('a server is a host name or an address, not a URL or a host with a port', () => {
    const sip = (server: string): number => checkAccount('sip', { ...BLANK_ACCOUNT, username: '1', server }).length;
    for (const good of ['sip.example.com', 'pbx', '10.1.2.3', '2001:db8::1', '[2001:db8::1]', '_sip.example.com.']) {
      assert.equal(sip(good), 0, good);
    }
    for (const bad of ['sip:pbx', 'pbx:5060', '10.1.2.300', 'a b', 'http://pbx', '-pbx', 'a..b', 'x'.repeat(300)]) {
      assert.equal(sip(bad), 1, bad);
    }
  });

  it('W-09: control characters are refused in every text, and a secret is not in the reason', () => {
    for (const field of ['username', 'authName', 'password', 'displayName', 'label', 'server', 'server2'] as const) {
      const [problem] = checkAccount('sip', { ...fieldsWith('sip'), [field]: 'hush\r\nevil=1' });
      assert.equal(problem?.field, field);
      assert.doesNotMatch(`${problem?.reason} ${problem?.remedy}`, /hush/);
    }
  });

  it('reads types, ports and transports as people write them', () => {
    assert.deepEqual(['SfB', 'H.323', ' SIP ', 'skype'].map(readAccountType), ['sfb', 'h323', 'sip', undefined]);
    assert.deepEqual(['', '5060', '0', '65536', 'x', '5060 '].map(readPort), [
      null,
      5060,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(['', 'TCP', 'Tls', 'sctp'].map(readTransport), [null, 'tcp', 'tls', undefined]);
  });
});
