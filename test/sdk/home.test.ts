import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { locateHome, locateKey, openInstallation } from '../../src/sdk/home.ts';
import { createHome } from '../../src/sdk/home-admin/create.ts';
import { restoreHome } from '../../src/sdk/home-admin/restore.ts';
import { createPhonectl } from '../../src/sdk/index.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, failsWith } from '../support/streams.ts';

const WISH = { company: 'Acme', url: 'https://prov.example.net:8443', certificates: false } as const;

describe('making a home', () => {
  let folder: string;
  before(async () => {
    // Sets XDG_CONFIG_HOME aside for this process.
    await (await makeHome()).remove();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-init-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('F-32: everything is for its owner only, and the key lies outside the home', async () => {
    const home = join(folder, 'home');
    const made = await createHome({ ...WISH, home, certificates: true });
    assert.equal(made.created, true);
    assert.equal(made.url, 'https://prov.example.net:8443/');
    assert.equal(statSync(home).mode & 0o777, 0o700);
    for (const path of ['phonectl.db', 'home.json', 'tls/ca.pem', 'tls/server-rsa.pem', 'tls/server-ecdsa.pem']) {
      assert.equal(statSync(join(home, path)).mode & 0o777, 0o600, path);
    }
    assert.equal(statSync(made.keyFile).mode & 0o777, 0o600);
    assert.equal(made.keyFile.startsWith(home), false);
    rmSync(made.keyFile);
  });

  it('a home of somebody else is not called none', async () => {
    const home = join(folder, 'home');
    const { keyFile } = await createHome({ ...WISH, home });
    const isRoot = process.getuid?.() === 0;
    chmodSync(home, isRoot ? 0o700 : 0o000);
    if (isRoot) process.seteuid?.(65_534);
    try {
      await assert.rejects(openInstallation({ home }), failsWith('forbidden', /may not read/));
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(home, 0o700);
      rmSync(keyFile);
    }
  });

  it('W-08: two fresh installs share no secret', async () => {
    const secrets = [];
    for (const name of ['a', 'b']) {
      const home = join(folder, name);
      const { keyFile } = await createHome({ ...WISH, home, certificates: true });
      await using phonectl = createPhonectl({ home });
      const { password } = await phonectl.homes.account({ reveal: true });
      assert.match(password!, /^[a-z2-9]{26}$/);
      secrets.push([
        password,
        readFileSync(keyFile, 'utf8'),
        readFileSync(join(home, 'tls/ca.pem'), 'utf8'),
        locateKey(locateHome({ home })),
      ]);
      rmSync(keyFile);
    }
    for (const index of [0, 1, 2, 3]) assert.notEqual(secrets[0]![index], secrets[1]![index]);
  });

  it('a second init changes nothing when it wishes the same, and is refused when it wishes something else', async () => {
    const home = join(folder, 'home');
    await createHome({ ...WISH, home });
    assert.equal((await createHome({ ...WISH, home })).created, false);
    await assert.rejects(createHome({ ...WISH, home, company: 'Other' }), failsWith('exists', /company/));
    await assert.rejects(createHome({ ...WISH, home, also: ['10.0.0.1'] }), failsWith('exists', /names/));
  });

  for (const [url, why] of [
    ['http://prov.example.net', /https/],
    ['prov.example.net', /not a URL/],
    ['https://user:pw@prov.example.net', /credentials/],
    ['https://prov.example.net/?a=b', /query/],
  ] as const) {
    it(`refuses the URL ${url}`, async () => {
      await assert.rejects(createHome({ ...WISH, home: join(folder, 'home'), url }), failsWith('invalid_input', why));
      assert.equal(existsSync(join(folder, 'home')), false);
    });
  }

  it('refuses a company or a name that cannot be', async () => {
    const home = join(folder, 'home');
    await assert.rejects(createHome({ ...WISH, home, company: '' }), failsWith('invalid_input', /is empty/));
    await assert.rejects(createHome({ ...WISH, home, also: ['a b'] }), failsWith('invalid_input', /a b/));
  });

  it('completes what an interrupted init has left, with the key that it made', async () => {
    const home = join(folder, 'home');
    const { keyFile } = await createHome({ ...WISH, home });
    const key = readFileSync(keyFile, 'utf8');
    // As if it had died while it wrote the database.
    renameSync(join(home, 'phonectl.db'), join(home, 'phonectl.db.0123456789ab.new'));
    writeFileSync(join(home, 'phonectl.db.0123456789ab.new-wal'), '');
    const again = await createHome({ ...WISH, home });
    assert.equal(again.created, true);
    assert.deepEqual(
      readdirSync(home).filter((name) => name.includes('.new')),
      [],
    );
    assert.equal(readFileSync(keyFile, 'utf8'), key);
    await using phonectl = createPhonectl({ home });
    assert.equal((await phonectl.homes.check({})).findings.find(({ check }) => check === 'secrets')!.status, 'ok');
  });

  it('two at once: one makes the home, the other says so or finds it made', async () => {
    const home = join(folder, 'home');
    const results = await Promise.allSettled([createHome({ ...WISH, home }), createHome({ ...WISH, home })]);
    assert.ok(results.some((result) => result.status === 'fulfilled'));
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(failsWith('exists')(result.reason), String(result.reason));
    }
    await using phonectl = createPhonectl({ home });
    assert.equal((await all(phonectl.sites.list({}))).length, 3);
  });

  it('warns of a key inside the home', async () => {
    const home = join(folder, 'home');
    process.env['PHONECTL_KEY_FILE'] = join(home, 'key');
    try {
      const made = await createHome({ ...WISH, home });
      assert.match(made.warnings[0]!, /inside the home/);
    } finally {
      delete process.env['PHONECTL_KEY_FILE'];
    }
  });
});

describe('backup, restore, check', () => {
  let home: TestHome;
  let folder: string;
  beforeEach(async () => {
    home = await makeHome({ certificates: true });
    folder = mkdtempSync(join(tmpdir(), 'phonectl-backup-'));
    await home.phonectl.accounts.add({
      accounts: [{ type: 'sip', name: '1001', username: '1001', server: 'pbx', password: 'canary-5f1' }],
    });
    await home.phonectl.devices.add({
      devices: [{ mac: '0004f2aabbcc', name: 'lobby', accounts: [{ account: '1001' }] }],
    });
    mkdirSync(join(home.path, 'uploads', '0004f2aabbcc'), { recursive: true });
    writeFileSync(join(home.path, 'uploads', '0004f2aabbcc', 'app.log'), 'hello');
  });
  afterEach(async () => {
    await home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function status(check: string): Promise<string> {
    const { findings } = await home.phonectl.homes.check({});
    return findings.find((finding) => finding.check === check)!.status;
  }

  it('F-25: a backup restored on a blank machine is the same fleet, uploads and certificates included', async () => {
    const file = join(folder, 'backup.tar');
    const made = await home.phonectl.homes.backup({ file });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(file).size, made.bytes);
    const target = join(folder, 'deep', 'er', 'home');
    const restored = await restoreHome({ home: target, file });
    assert.deepEqual([restored.company, restored.keyFound, restored.replaced], ['Acme', true, null]);
    await using phonectl = createPhonectl({ home: target });
    const account = await phonectl.accounts.show({ account: '1001', reveal: true });
    assert.deepEqual([account.password, account.device], ['canary-5f1', 'lobby']);
    assert.equal(readFileSync(join(target, 'uploads', '0004f2aabbcc', 'app.log'), 'utf8'), 'hello');
    const check = await phonectl.homes.check({});
    assert.deepEqual(
      check.findings.filter(({ status: one }) => one !== 'ok'),
      [],
    );
  });

  it('clears the snapshot that a killed backup has left', async () => {
    const left = join(home.path, 'run', 'backup-0123456789ab.db');
    writeFileSync(left, 'x');
    utimesSync(left, 1000, 1000);
    await home.phonectl.homes.backup({ file: join(folder, 'backup.tar') });
    assert.deepEqual(readdirSync(join(home.path, 'run')), []);
  });

  it('any tar lists a backup; the sealing key and clear secrets are not in it', async () => {
    const file = join(folder, 'backup.tar');
    await home.phonectl.homes.backup({ file });
    const names = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trimEnd().split('\n');
    assert.deepEqual(names, [
      'home.json',
      'phonectl.db',
      'tls/ca.pem',
      'tls/server-ecdsa.pem',
      'tls/server-rsa.pem',
      'uploads/0004f2aabbcc/app.log',
      'manifest.json',
    ]);
    const content = readFileSync(file);
    assert.equal(content.includes('canary-5f1'), false);
    const { file: keyFile } = await home.phonectl.homes.key({});
    assert.equal(content.includes(readFileSync(keyFile, 'utf8').trim()), false);
  });

  it('refuses to overwrite a file or a home unless it is told to, and then keeps the old home', async () => {
    const file = join(folder, 'backup.tar');
    await home.phonectl.homes.backup({ file });
    await assert.rejects(home.phonectl.homes.backup({ file }), failsWith('exists'));
    await home.phonectl.homes.backup({ file, overwrite: true });
    await home.phonectl.close();
    await assert.rejects(restoreHome({ home: home.path, file }), failsWith('exists', /--force|There is a home/));
    const restored = await restoreHome({ home: home.path, file, force: true });
    assert.ok(existsSync(join(restored.replaced!, 'phonectl.db')));
  });

  it('refuses a damaged backup wherever it is damaged, and changes nothing', async () => {
    const file = join(folder, 'backup.tar');
    await home.phonectl.homes.backup({ file });
    const whole = readFileSync(file);
    const target = join(folder, 'home');
    for (let step = 0; step < 40; step += 1) {
      const broken = Buffer.from(whole);
      // Not in the padding behind a file, which holds nothing.
      const at = Math.floor((whole.length * step) / 40);
      const flipped = broken[at]! ^ 0x55;
      broken[at] = flipped;
      if (isPadding(whole, at)) continue;
      writeFileSync(file, broken);
      await assert.rejects(restoreHome({ home: target, file }), failsWith('invalid_file'), `byte ${at}`);
      assert.equal(existsSync(target), false);
    }
    for (const length of [0, 100, 512, 5000, whole.length - 2000]) {
      writeFileSync(file, whole.subarray(0, length));
      await assert.rejects(restoreHome({ home: target, file }), failsWith('invalid_file'), `cut at ${length}`);
    }
    assert.deepEqual(readdirSync(folder), ['backup.tar'], 'nothing is left beside');
  });

  /** Whether a byte lies in a header's unused end, a file's padding or the end of the archive. */
  function isPadding(archive: Buffer, at: number): boolean {
    for (let offset = 0; offset < archive.length; ) {
      const header = archive.subarray(offset, offset + 512);
      if (header.every((byte) => byte === 0)) return at >= offset;
      const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
      const end = offset + 512 + size;
      const next = Math.ceil(end / 512) * 512;
      if (at < next) return at >= end;
      offset = next;
    }
    return true;
  }

  it('I-02: a backup that names files outside a home is refused', async () => {
    const evil = join(folder, 'evil');
    mkdirSync(join(evil, 'tls'), { recursive: true });
    writeFileSync(join(evil, 'x'), 'x');
    for (const name of ['../x', 'tls/../../x', '/etc/x', 'x', 'tls/.x', 'uploads//x']) {
      const file = join(folder, 'evil.tar');
      execFileSync('tar', ['--format=ustar', '-P', '-cf', file, '-C', evil, '--transform', `s,^x$,${name},`, 'x']);
      await assert.rejects(restoreHome({ home: join(folder, 'home'), file }), failsWith('invalid_file'), name);
      assert.equal(existsSync(join(folder, 'x')), false);
    }
  });

  it('a home without its key is restored and says so; another key is refused', async () => {
    const file = join(folder, 'backup.tar');
    await home.phonectl.homes.backup({ file });
    const { file: keyFile } = await home.phonectl.homes.key({});
    renameSync(keyFile, `${keyFile}.away`);
    try {
      const restored = await restoreHome({ home: join(folder, 'a'), file });
      assert.deepEqual([restored.keyFound, restored.keyFile], [false, keyFile]);
      const other = await createHome({ ...WISH, home: join(folder, 'other') });
      copyFileSync(other.keyFile, keyFile);
      await assert.rejects(restoreHome({ home: join(folder, 'b'), file }), failsWith('wrong_key'));
      assert.equal(existsSync(join(folder, 'b')), false);
    } finally {
      renameSync(`${keyFile}.away`, keyFile);
    }
  });

  it('is consistent while others write', async () => {
    const { accounts } = home.phonectl;
    let writing = true;
    const writer = (async () => {
      for (let index = 0; writing; index += 1) {
        const pair = ['a', 'b'].map((half) => ({
          type: 'sip' as const,
          name: `${half}${index}`,
          username: 'x',
          server: 'pbx',
        }));
        await accounts.add({ accounts: pair });
        await setImmediate();
      }
    })();
    const file = join(folder, 'backup.tar');
    for (let round = 0; round < 3; round += 1) await home.phonectl.homes.backup({ file, overwrite: true });
    writing = false;
    await writer;
    await restoreHome({ home: join(folder, 'home'), file });
    await using phonectl = createPhonectl({ home: join(folder, 'home') });
    const names = (await all(phonectl.accounts.list({})))
      .map(({ name }) => name)
      .filter((name) => /^[ab]\d+$/.test(name));
    assert.equal(names.length % 2, 0, 'both of a pair or none');
  });

  it('check finds a secret that does not open, a broken reference, open modes and a changed log', async () => {
    assert.equal((await home.phonectl.homes.check({})).intact, true);
    await home.phonectl.close();
    const database = new DatabaseSync(join(home.path, 'phonectl.db'));
    database.exec('PRAGMA foreign_keys = OFF');
    database.exec("UPDATE account SET name_key = 'other' WHERE name = '1001'");
    database.exec('UPDATE device_line SET account_id = 4711');
    database.exec("UPDATE operation_log SET actor = 'nobody' WHERE id = 1");
    database.close();
    execFileSync('chmod', ['go+r', join(home.path, 'home.json')]);
    for (const check of ['secrets', 'database', 'log']) assert.equal(await status(check), 'error', check);
    assert.equal(await status('modes'), 'warning');
    assert.equal((await home.phonectl.homes.check({})).intact, false);
  });

  it('the provisioning account is shown when revealed, and gets a new password when asked', async () => {
    const { homes } = home.phonectl;
    assert.deepEqual(await homes.account({}), { username: 'provision', password: null });
    const first = await homes.account({ reveal: true });
    const second = await homes.rotateAccount({ reveal: true });
    assert.notEqual(first.password, second.password);
    assert.deepEqual(await homes.account({ reveal: true }), second);
  });
});
