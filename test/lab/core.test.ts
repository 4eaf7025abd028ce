import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Authenticator, basicHeader, digestHeader, parseChallenges, type Scheme } from '../../src/lab/digest.ts';
import { internName, Parameters, ParsedFiles } from '../../src/lab/parameters.ts';
import { nextTimeOfDay } from '../../src/lab/polling.ts';
import { parseParameters as parsePoly, renderOverrides, splitDevice } from '../../src/lab/poly/config.ts';
import { Scheduler, Slots } from '../../src/lab/scheduler.ts';
import { parseSipRequest, sipHeader } from '../../src/lab/sip-message.ts';
import { escapeXml, parseXml } from '../../src/lab/xml.ts';

describe('lab: XML reader', () => {
  it('reads elements, attributes, text, CDATA, comments and entities', () => {
    const root = parseXml(
      '\uFEFF<?xml version="1.0"?><!-- a --><a b="1&amp;&#x41;" c=\'"\'>x<d/><![CDATA[<&]]>&lt;</a>\n',
    );
    assert.equal(root.name, 'a');
    assert.deepEqual(
      [...root.attributes],
      [
        ['b', '1&A'],
        ['c', '"'],
      ],
    );
    assert.equal(root.text, 'x<&<');
    assert.equal(root.children[0]!.name, 'd');
  });

  it('refuses what is not well-formed, says the line, and takes no document type', () => {
    for (const bad of [
      '',
      'x',
      '<a>',
      '<a></b>',
      '<a b=1/>',
      '<a b="1" b="2"/>',
      '<a b="x"y"/>',
      '<a>&nope;</a>',
      '<a>a & b</a>',
      '<a/><b/>',
      '<a>\u0001</a>',
      '<a>&#1;</a>',
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      '<a b="<"/>',
      '<1a/>',
      '<a>'.repeat(200) + '</a>'.repeat(200),
    ]) {
      assert.throws(() => parseXml(bad), { code: 'unparsable' }, bad.slice(0, 40));
    }
    assert.throws(() => parseXml('<a>\n\n<b></c></a>'), /in line 3/);
  });

  it('gives back every text that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\0-\x08\x0B-\x1F\r\n\t\uFFFE\uFFFF]/.test(text));
        const root = parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
        assert.equal(root.attributes.get('b'), text);
        assert.equal(root.text, text);
      }),
      { numRuns: 200 },
    );
  });

  it('reads in linear time', () => {
    const many = `<a ${Array.from({ length: 20_000 }, (_, index) => `b${index}="${index}"`).join(' ')}/>`;
    const start = process.cpuUsage();
    assert.equal(parseXml(many).attributes.size, 20_000);
    assert.ok(process.cpuUsage(start).user < 1_000_000);
  });
});

describe('lab: authentication', () => {
  it('RFC 2617 3.5: answers the example’s challenge so that the formula holds', () => {
    const challenge =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    const [parsed] = parseChallenges([`Basic realm="x, y", ${challenge}`]).filter(({ scheme }) => scheme === 'digest');
    const header = digestHeader(
      parsed!,
      { username: 'Mufasa', password: 'Circle Of Life' },
      { method: 'GET', uri: '/dir/index.html', nc: 1 },
    );
    assert.match(
      header ?? '',
      /^Digest username="Mufasa", realm="testrealm@host\.com", nonce="dcd98b.*qop=auth, nc=00000001.*opaque="5ccc069c/,
    );
    assert.equal(
      digestHeader(
        {
          scheme: 'digest',
          params: new Map([
            ['nonce', 'n'],
            ['algorithm', 'X'],
          ]),
        },
        { username: '', password: '' },
        { method: 'GET', uri: '/', nc: 1 },
      ),
      null,
    );
  });

  it('accepts what its own challenge asked for, and nothing else', () => {
    const authenticator = new Authenticator();
    const credential = fc.record({ username: fc.string({ minLength: 1 }), password: fc.string() });
    const schemes: Scheme[] = ['digest-md5', 'digest-sha256', 'basic'];
    fc.assert(
      fc.property(credential, fc.constantFrom(...schemes), ({ username, password }, scheme) => {
        fc.pre(!username.includes(':') && !/["\\\r\n]/.test(username));
        const [challenge] = parseChallenges(authenticator.challenges('phone "x"', [scheme]));
        const header =
          challenge!.scheme === 'basic'
            ? basicHeader({ username, password })
            : digestHeader(challenge!, { username, password }, { method: 'GET', uri: '/a?b=c', nc: 1 })!;
        const check = (as: Scheme[], pass: string, realm = 'phone "x"'): boolean =>
          authenticator.accepts(header, 'GET', [{ username, password: pass }], realm, as);
        assert.ok(check([scheme], password));
        assert.ok(!check([scheme], `${password}x`));
        assert.ok(
          !check(
            schemes.filter((other) => other !== scheme),
            password,
          ),
        );
        if (scheme !== 'basic')
          assert.ok(!new Authenticator().accepts(header, 'GET', [{ username, password }], 'phone "x"', [scheme]));
      }),
      { numRuns: 100 },
    );
  });
});

describe('lab: parameters', () => {
  it('the strongest layer gives the value; replacing says what changed in force', () => {
    const parameters = new Parameters(['local', 'config'], new Map([['a', '0']]));
    assert.deepEqual(
      parameters.replace(
        'config',
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
      ['a', 'b'],
    );
    assert.deepEqual(parameters.set('local', [['a', '9']]), ['a']);
    assert.deepEqual(
      parameters.replace(
        'config',
        new Map([
          ['a', '5'],
          ['b', '3'],
        ]),
      ),
      ['b'],
    );
    assert.deepEqual(
      [parameters.get('a'), parameters.source('a'), parameters.source('b'), parameters.size],
      ['9', 'local', 'config', 2],
    );
    assert.deepEqual(parameters.clear('local'), ['a']);
    assert.deepEqual(parameters.clear('config').sort(), ['a', 'b']);
    assert.deepEqual([parameters.get('a'), parameters.source('a'), parameters.get('b')], ['0', 'default', undefined]);
  });

  it('equal files are parsed once and shared; names are shared', () => {
    const files = new ParsedFiles<object>(2);
    let parsed = 0;
    const read = (text: string): object => files.get(Buffer.from(text), () => ({ number: ++parsed }));
    assert.equal(read('one'), read('one'));
    read('two');
    read('three');
    read('one');
    assert.equal(parsed, 4);
    assert.equal(internName('reg.1.address'), 'reg.1.address');
  });

  it('Poly overrides come back as they were written', () => {
    const text = fc.string().filter((value) => !/[\0-\x1F\uFFFE\uFFFF]/.test(value));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}\.[a-z]{1,5}$/), text), (values) => {
        const map = new Map(Object.entries(values));
        assert.deepEqual(new Map(parsePoly(Buffer.from(renderOverrides(map)))), map);
      }),
      { numRuns: 50 },
    );
  });

  it('C.1: device parameters need device.set and their own .set', () => {
    const { config, device } = splitDevice(
      new Map([
        ['device.set', '1'],
        ['device.a', 'x'],
        ['device.a.set', '1'],
        ['device.b', 'y'],
        ['reg.1.x', 'z'],
      ]),
    );
    assert.deepEqual(device, [['device.a', 'x']]);
    assert.deepEqual([...config], [['reg.1.x', 'z']]);
    assert.deepEqual(
      splitDevice(
        new Map([
          ['device.a', 'x'],
          ['device.a.set', '1'],
        ]),
      ).device,
      [],
    );
  });
});

describe('lab: time', () => {
  it('runs in the order of time, scaled, and not what was cancelled', async () => {
    const scheduler = new Scheduler(1000);
    const seen: number[] = [];
    const cancels = [30, 10, 20, 40].map((seconds) => scheduler.after(seconds, () => seen.push(seconds)));
    cancels[3]!();
    await new Promise<void>((resolve) => scheduler.after(50, resolve));
    assert.deepEqual(seen, [10, 20, 30]);
    const stopped = new AbortController();
    const pause = scheduler.pause(1e6, stopped.signal);
    stopped.abort(new Error('down'));
    await assert.rejects(pause, /down/);
    scheduler.stop();
  });

  it('keeps the order of the heap for any delays', async () => {
    const scheduler = new Scheduler(1);
    const delays = fc.sample(fc.integer({ min: 0, max: 10 }), { numRuns: 200, seed: 7 });
    const seen: number[] = [];
    for (const delay of delays) scheduler.afterReal(delay * 10, () => seen.push(delay));
    await new Promise<void>((resolve) => scheduler.afterReal(150, resolve));
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    assert.equal(seen.length, delays.length);
    scheduler.stop();
  });

  it('lets in as many as there are places, in their order, and skips who left', async () => {
    const slots = new Slots(1);
    const { signal } = new AbortController();
    const first = await slots.acquire(signal);
    const impatient = new AbortController();
    const order: string[] = [];
    const gone = slots.acquire(impatient.signal).catch(() => order.push('gone'));
    const next = slots.acquire(signal).then((release) => {
      order.push('next');
      return release;
    });
    impatient.abort();
    await gone;
    first();
    first();
    (await next)();
    (await slots.acquire(signal))();
    assert.deepEqual(order, ['gone', 'next']);
  });

  it('C.7: the next moment of a window, also over midnight', () => {
    const now = new Date(2026, 0, 10, 12, 0, 0);
    assert.deepEqual(nextTimeOfDay('03:00', '', 0, now), new Date(2026, 0, 11, 3, 0, 0));
    assert.deepEqual(nextTimeOfDay('13:00', '15:00', 0.5, now), new Date(2026, 0, 10, 14, 0, 0));
    assert.deepEqual(nextTimeOfDay('23:00', '01:00', 0.75, now), new Date(2026, 0, 11, 0, 30, 0));
  });
});

describe('lab: SIP reader', () => {
  it('expands compact names and folded lines, cuts the body, leaves out what is no request', () => {
    const request = parseSipRequest(
      'NOTIFY sip:1@h SIP/2.0\r\nv: SIP/2.0/UDP a\r\no: check-sync\r\n ;reboot=true\r\nl: 2\r\n\r\nabc',
    );
    assert.equal(sipHeader(request!, 'event'), 'check-sync ;reboot=true');
    assert.equal(request!.body, 'ab');
    for (const noise of [
      '',
      '\r\n\r\n',
      'SIP/2.0 200 OK\r\nVia: x\r\n\r\n',
      'NOTIFY sip:1@h SIP/2.0\r\nnonsense\r\n\r\n',
    ]) {
      assert.equal(parseSipRequest(noise), null);
    }
  });
});
