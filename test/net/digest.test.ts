import assert from 'node:assert/strict';
import fc from 'fast-check';
import { authorization, type Challenge, chooseChallenge, isStale, parseChallenges } from '../../src/net/digest.ts';

const MUFASA = { username: 'Mufasa', password: 'Circle of Life' };
const REQUEST = { method: 'GET', uri: '/dir/index.html', count: 1 };
const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const RFC7616 =
  'realm="http-auth@example.org", qop="auth, auth-int", algorithm=%A, ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

function only(header: string): Challenge {
  const [challenge, ...rest] = parseChallenges(header);
  assert.equal(rest.length, 0);
  assert.ok(challenge);
  return challenge;
}

function field(value: string, name: string): string | undefined {
  return new RegExp(`${name}=(?:"([^"]*)"|([^,]*))`)
    .exec(value)
    ?.slice(1)
    .find((part) => part !== undefined);
}

describe('net: Digest', () => {
  it('answers RFC 7616 section 3.9.1 with MD5', () => {
    const challenge = only(`Digest ${RFC7616.replace('%A', 'MD5')}`);
    const value = authorization(challenge, MUFASA, { ...REQUEST, cnonce: CNONCE });
    assert.equal(field(value, 'response'), '8ca523f5e9506fed4657c9700eebdbec');
    assert.equal(field(value, 'nc'), '00000001');
    assert.equal(field(value, 'qop'), 'auth');
  });

  it('answers RFC 7616 section 3.9.1 with SHA-256', () => {
    const challenge = only(`Digest ${RFC7616.replace('%A', 'SHA-256')}`);
    const value = authorization(challenge, MUFASA, { ...REQUEST, cnonce: CNONCE });
    assert.equal(field(value, 'response'), '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1');
  });

  it('hashes the user name of RFC 7616 section 3.9.2 when asked to, with SHA-512-256 and UTF-8', () => {
    const challenge = only(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", ' +
        'charset=UTF-8, userhash=true',
    );
    const value = authorization(
      challenge,
      { username: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' },
      { method: 'GET', uri: '/doe.json', count: 1, cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm' },
    );
    // Computed with Python's hashlib: the RFC's own figures are of another truncation of SHA-512 (its erratum 4897).
    assert.equal(field(value, 'username'), '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b');
    assert.equal(field(value, 'response'), '7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c');
    assert.equal(field(value, 'userhash'), 'true');
    assert.ok(!value.includes('Doe'));
  });

  it('answers a server without qop as RFC 2617 section 3.2.2.1 has it', () => {
    const challenge = only('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"');
    const login = { username: 'Mufasa', password: 'Circle Of Life' };
    const value = authorization(challenge, login, REQUEST);
    assert.equal(field(value, 'response'), '670fd8c2df070c60b045671b8b24ff02');
    assert.ok(!value.includes('cnonce'));
  });

  it('prefers SHA-256 over MD5 over Basic, and leaves unknown hashes alone', () => {
    const offers = parseChallenges(
      'Basic realm="phone", Digest realm="phone", algorithm=MD5, nonce="a", qop="auth", ' +
        'Digest realm="phone", algorithm=SHA-256, nonce="b", qop="auth", Digest algorithm=MD6, nonce="c"',
    );
    assert.equal(offers.length, 4);
    assert.equal(chooseChallenge(offers)?.parameters['nonce'], 'b');
    assert.equal(chooseChallenge(offers.slice(0, 2))?.parameters['nonce'], 'a');
    assert.equal(chooseChallenge(offers.slice(0, 1))?.scheme, 'basic');
    assert.equal(chooseChallenge(offers.slice(3)), undefined);
  });

  it('sends Basic in UTF-8 and refuses a colon in the user name', () => {
    const basic = only('Basic realm="x"');
    assert.equal(authorization(basic, { username: 'Polycom', password: '456' }, REQUEST), 'Basic UG9seWNvbTo0NTY=');
    assert.throws(() => authorization(basic, { username: 'a:b', password: 'c' }, REQUEST), { code: 'invalid_input' });
  });

  it('reads quoted pairs, blanks around the equals sign and stale', () => {
    const challenge = only('Digest realm = "a \\"b\\" \\\\c",  nonce="n"  , stale = TRUE');
    assert.equal(challenge.parameters['realm'], 'a "b" \\c');
    assert.ok(isStale(challenge));
    assert.ok(authorization(challenge, MUFASA, REQUEST).includes('realm="a \\"b\\" \\\\c"'));
  });

  it('never lets a challenge put a line break into the answer', () => {
    const challenge: Challenge = { scheme: 'digest', parameters: { realm: 'a\r\nX-Evil: 1', nonce: 'n' } };
    assert.throws(() => authorization(challenge, MUFASA, REQUEST), { code: 'unreachable' });
  });

  it('survives any header, in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const { parameters } of parseChallenges(`Digest ${text}`)) assert.equal(typeof parameters, 'object');
      }),
    );
    const started = performance.now();
    parseChallenges(`Digest ${'a="\\'.repeat(500_000)}`);
    parseChallenges(`Digest ${'='.repeat(1_000_000)}`);
    assert.ok(performance.now() - started < 500);
  });
});
