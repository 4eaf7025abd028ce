/** Attacks on the provisioning path: security.md S-01, S-02, S-03, S-14, W-04, F-08, F-09, F-10. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../../src/server/target.ts';
import { type Answer, type Asked, macOf, type TestPhone, TestServer, USER_AGENTS, type Vendor } from './support.ts';

const VENDORS: readonly Vendor[] = ['poly', 'yealink', 'cisco'];
const PER_VENDOR = 20;

/** Every kind of file that a phone of the vendor has under its MAC. */
const KINDS: Readonly<Record<Vendor, readonly string[]>> = {
  poly: ['.cfg', '-phonectl.cfg', '-phone.cfg', '-web.cfg', '-app.log', '-directory.xml', '-license.cfg'],
  yealink: ['.boot', '.cfg', '-local.cfg', '-contact.xml'],
  cisco: ['.xml', '.cfg'],
};

/** The same name in the spellings that a careless check takes for another. */
function spellings(mac: string, kind: string): readonly string[] {
  const colons = mac.replace(/..(?!$)/g, '$&:');
  return [
    `/${mac}${kind}`,
    `/${mac.toUpperCase()}${kind}`,
    `/${colons}${kind}`,
    `//${mac}${kind}`,
    `/./${mac}${kind}`,
    `/x/..;/${mac}${kind}`,
    `/%2f${mac}${kind}`,
    `/${mac.replace(/./, (c) => `%${c.charCodeAt(0).toString(16)}`)}${kind}`,
    `/${mac}${kind}?x=${mac}`,
    `/Cisco/CP-8841-3PCC/${mac}${kind}`,
  ];
}

describe('isolation', function () {
  this.timeout(60_000);
  let fleet: TestServer;
  const phones: TestPhone[] = [];
  const tree = mkdtempSync(join(tmpdir(), 'phonectl-tree-'));

  before(async () => {
    fleet = await TestServer.start({ tree });
    for (const vendor of VENDORS) phones.push(...(await fleet.phones(vendor, PER_VENDOR)));
    // An administrator's own folder may hold files of every phone.
    for (const { mac } of phones) writeFileSync(join(tree, `${mac}-license.cfg`), `LEAK ${mac}`);
    writeFileSync(join(tree, 'ring.wav'), 'riff');
    mkdirSync(join(tree, 'languages'));
    writeFileSync(join(tree, 'languages', 'German.xml'), '<de/>');
    writeFileSync(join(tree, '.htpasswd'), 'LEAK');
    symlinkSync('/etc/passwd', join(tree, 'outside.txt'));
    symlinkSync('/etc', join(tree, 'etc'));
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
    rmSync(tree, { recursive: true });
  });

  it('S-03, F-09: of 60 phones none reads another one’s files, in any spelling (60 × 59 and all kinds)', async () => {
    let asked = 0;
    const queue = phones.flatMap((phone, index) =>
      phones.flatMap((other, otherIndex) => {
        if (other === phone) return [];
        // Every pair with the main file; the kinds and spellings in turn, so that each occurs with each vendor.
        const kinds = KINDS[other.vendor];
        const kind = kinds[(index + otherIndex) % kinds.length] ?? '';
        const all = spellings(other.mac, kind);
        return [spellings(other.mac, kinds[0] ?? '')[0] ?? '', all[(index * 7 + otherIndex) % all.length] ?? ''].map(
          (path) => ({ phone, other, path }),
        );
      }),
    );
    await inParallel(queue, 8, async ({ phone, other, path }) => {
      const answer = await fleet.ask(path, { login: phone.login, userAgent: USER_AGENTS[phone.vendor] });
      asked += 1;
      assert.equal(answer.status, 404, `${phone.mac} asked for ${path}`);
      assert.equal(answer.body.length, 0, path);
      assert.ok(!answer.body.includes(other.mac));
    });
    assert.equal(asked, phones.length * (phones.length - 1) * 2);
  });

  it('S-03: every kind and spelling of another phone’s name is a 404', async () => {
    const [phone] = phones as [TestPhone];
    for (const other of [phones[1], phones[PER_VENDOR], phones[2 * PER_VENDOR]] as TestPhone[]) {
      for (const path of KINDS[other.vendor].flatMap((kind) => spellings(other.mac, kind))) {
        for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
          const answer = await fleet.ask(path, { method, login: phone.login, userAgent: USER_AGENTS.poly });
          assert.equal(answer.status, 404, `${method} ${path}`);
        }
      }
    }
  });

  it('each phone does get its own files, also by an upper-case name', async () => {
    for (const phone of phones) {
      const kind = { poly: '-phonectl.cfg', yealink: '.cfg', cisco: '.xml' }[phone.vendor];
      for (const name of [phone.mac, phone.mac.toUpperCase()]) {
        const answer = await fleet.ask(`/${name}${kind}`, { login: phone.login, userAgent: USER_AGENTS[phone.vendor] });
        assert.equal(answer.status, 200);
        assert.ok(answer.body.includes(`sip-secret-${phone.mac}`));
      }
    }
  });

  it('S-14: the tree gives its common files to phones with a login, and no other phone’s', async () => {
    const [phone] = phones as [TestPhone];
    const asked = { login: phone.login, userAgent: USER_AGENTS.poly };
    assert.equal((await fleet.ask('/ring.wav', asked)).body.toString(), 'riff');
    assert.equal((await fleet.ask('/LANGUAGES/german.XML', asked)).body.toString(), '<de/>');
    assert.equal((await fleet.ask(`/${phone.mac}-license.cfg`, asked)).body.toString(), `LEAK ${phone.mac}`);
    assert.equal((await fleet.ask('/ring.wav')).status, 401);
    for (const path of ['/outside.txt', '/etc/passwd', '/.htpasswd', '/languages', '/languages/']) {
      assert.equal((await fleet.ask(path, asked)).status, 404, path);
    }
  });

  it('S-02, F-08: known and unknown MACs are answered alike, byte for byte, without and with wrong credentials', async () => {
    const variants: readonly Asked[] = [
      {},
      { login: { username: 'someone', password: 'wrong' } },
      { login: { username: fleet.shared.username, password: 'wrong' } },
      { headers: { authorization: 'Digest username="x"' } },
      { method: 'PUT', body: 'x' },
      { method: 'HEAD' },
    ];
    for (const variant of variants) {
      for (const vendor of VENDORS) {
        const agents = [undefined, USER_AGENTS[vendor]];
        for (const userAgent of agents) {
          // Cisco phones inside an open window are let in without credentials: that is the table's third row.
          if (vendor === 'cisco') continue;
          const kind = KINDS[vendor][0];
          const asked = { ...variant, ...(userAgent !== undefined && { userAgent }) };
          const known = await fleet.ask(`/${macOf(vendor, 1)}${kind}`, asked);
          const unknown = await fleet.ask(`/${macOf(vendor, 5_000)}${kind}`, asked);
          assert.deepEqual(shape(known), shape(unknown));
          assert.equal(known.status, 401);
        }
      }
    }
  });

  it('S-02: a login that exists and one that does not are answered alike', async () => {
    const [phone] = phones as [TestPhone];
    const path = `/${phone.mac}.cfg`;
    const wrong = await fleet.ask(path, { login: { username: phone.login.username, password: 'wrong' } });
    const nobody = await fleet.ask(path, { login: { username: macOf('poly', 7_000), password: 'wrong' } });
    assert.deepEqual(shape(wrong), shape(nobody));
  });

  it('S-01: 2,048 MACs of an OUI, no credentials: not one byte, one class of answer', async () => {
    const shapes = new Set<string>();
    await inParallel(
      Array.from({ length: 2_048 }, (_, n) => `/${macOf('poly', n)}.cfg`),
      8,
      async (path) => {
        const answer = await fleet.ask(path);
        assert.equal(answer.body.length, 0);
        shapes.add(JSON.stringify(shape(answer)));
      },
    );
    assert.equal(shapes.size, 1);
  });

  it('PROV-19: /000000000000.cfg without credentials prompts for them', async () => {
    const answer = await fleet.ask('/000000000000.cfg');
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers['www-authenticate']), /^Basic realm="phones"/);
  });

  it('W-04, F-10: 500 forms of traversal read nothing outside, with every route', async () => {
    const [phone] = phones as [TestPhone];
    const forms = traversals();
    assert.ok(forms.length >= 500, `${forms.length} forms`);
    for (const form of forms) {
      const target = parseTarget(form);
      if (target !== undefined) assert.doesNotMatch(target.name, /(?:^|\/)\.\.?(?:\/|$)|\\|\0/, form);
    }
    await inParallel(forms, 8, async (form) => {
      const authorization = `Basic ${Buffer.from(`${phone.login.username}:${phone.login.password}`).toString('base64')}`;
      const text = await fleet.raw(
        `GET ${form} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nconnection: close\r\n\r\n`,
      );
      assert.match(text, /^HTTP\/1\.1 (?:40[04]|414)/, form);
      assert.doesNotMatch(text, /root:|LEAK|sip-secret/, form);
    });
  });
});

/** What an attacker can compare: everything but the date and the nonce. */
function shape({ status, rawHeaders, body }: Answer): unknown {
  const headers = rawHeaders.map((text, index) => {
    const name = (rawHeaders[index - 1] ?? '').toLowerCase();
    if (index % 2 === 1 && name === 'date') return 'date';
    return text.replace(/nonce="[^"]+"/, (nonce) => `nonce of ${nonce.length}`);
  });
  return { status, headers, body: body.toString() };
}

function traversals(): readonly string[] {
  const ups = [
    '../',
    '..\\',
    '..%2f',
    '..%5c',
    '%2e%2e/',
    '%2e%2e%2f',
    '%2e%2e%5c',
    '%252e%252e%252f',
    '..%252f',
    '..%c0%af',
    '..%c1%9c',
    '..%e0%80%af',
    '%c0%ae%c0%ae/',
    '....//',
    '....\\\\',
    '..;/',
    '.%2e/',
    '%2e./',
    '..%00/',
    '..%0d%0a/',
    '..%u2215',
    '%uff0e%uff0e/',
    '..%ef%bc%8f',
    '%ef%bc%8e%ef%bc%8e/',
    '..%e2%88%95',
    '..//',
    './../',
    'x/../../',
    '..%09/',
    '%2e%2e;x/',
  ];
  const files = ['etc/passwd', 'phonectl.db', 'tls/ca.pem', 'home.json'];
  const forms = ups.flatMap((up) =>
    files.flatMap((file) => [1, 3, 6, 10].map((depth) => `/${up.repeat(depth)}${file}`)),
  );
  return [
    ...forms,
    '//etc/passwd',
    '///etc/passwd',
    '/%2fetc%2fpasswd',
    '/C:/Windows/win.ini',
    '/C%3a%5cWindows%5cwin.ini',
    '/\\\\server\\share',
    '/file:///etc/passwd',
    'http://127.0.0.1/etc/passwd',
    'https://evil.example/etc/passwd',
    '*',
    '/etc/passwd%00.cfg',
    '/etc%00/passwd',
    '/proc/self/environ',
    '/%70roc/self/environ',
    '/outside.txt',
    '/OUTSIDE.TXT',
    '/etc/passwd',
    '/etc/./passwd',
    '/languages/../outside.txt',
    '/languages/%2e%2e/outside.txt',
    '/languages/..%2foutside.txt',
    '/.htpasswd',
    '/%2ehtpasswd',
    '/languages/../.htpasswd',
    `/${'a/'.repeat(1_000)}etc/passwd`,
  ];
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    for (;;) {
      const item = items[next++];
      if (item === undefined) return;
      await work(item);
    }
  }
  await Promise.all(Array.from({ length: width }, worker));
}
