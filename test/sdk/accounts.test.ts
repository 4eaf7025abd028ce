import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ACCOUNT_TYPES } from '../../src/domain/account.ts';
import { assetPath } from '../../src/sdk/assets.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { all, bytes, failsWith, textOf } from '../support/streams.ts';

describe('accounts', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  const SIP = { type: 'sip', server: 'sip.example.com' } as const;

  async function reveal(account: string): Promise<string | null | undefined> {
    return (await home.phonectl.accounts.show({ account, reveal: true })).password;
  }

  it('ACCT-01, ACCT-04: adds and edits; the password is sealed and only shown when revealed', async () => {
    const { accounts } = home.phonectl;
    await accounts.add({ accounts: [{ ...SIP, name: '1001', username: '1001', password: 'hush-7f3a' }] });
    const shown = await accounts.show({ account: '1001' });
    assert.deepEqual([shown.hasPassword, 'password' in shown], [true, false]);
    assert.equal(await reveal('1001'), 'hush-7f3a');
    await accounts.edit({ accounts: ['1001'], displayName: 'Anna', port: 5061 });
    assert.equal(await reveal('1001'), 'hush-7f3a', 'other edits keep the password');
    await accounts.edit({ accounts: ['1001'], name: 'Reception' });
    assert.equal(await reveal('sip/reception'), 'hush-7f3a', 'sealed anew under the new name');
    await accounts.edit({ accounts: ['sip:reception'], password: null });
    assert.equal(await reveal('reception'), null);
  });

  it('F-15: no password stands in the clear in any file of the home', async () => {
    const { accounts } = home.phonectl;
    const secret = 'canary-81dk2-secret';
    await accounts.add({ accounts: [{ ...SIP, name: 'a', username: 'a', password: secret }] });
    await accounts.import({
      source: bytes(`type,name,username,server,password\nsip,b,b,pbx,${secret}\nsip,c,c,,${secret}\n`),
      partial: true,
    });
    await reveal('b');
    await home.phonectl.close();
    for (const name of ['phonectl.db', 'phonectl.db-wal']) {
      const content = readFileSyncIfThere(join(home.path, name));
      assert.equal(content.includes(secret), false, name);
    }
  });

  function readFileSyncIfThere(path: string): Buffer {
    try {
      return readFileSync(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
  }

  it('a name belongs to one account of a type; across types it is ambiguous', async () => {
    const { accounts } = home.phonectl;
    await accounts.add({ accounts: [{ ...SIP, name: 'Anna', username: '1' }] });
    await assert.rejects(
      accounts.add({ accounts: [{ ...SIP, name: 'ANNA', username: '2' }] }),
      failsWith('exists', /sip\/ANNA/),
    );
    await accounts.add({ accounts: [{ type: 'sfb', name: 'anna', username: 'anna@example.com' }] });
    await assert.rejects(accounts.show({ account: 'anna' }), failsWith('ambiguous', /2 accounts/));
    assert.equal((await accounts.show({ account: 'sfb/anna' })).type, 'sfb');
    assert.equal((await accounts.show({ account: 'anna', type: 'sip' })).username, '1');
    await assert.rejects(accounts.show({ account: 'Ana' }), failsWith('not_found'));
  });

  it('PLAT-11: several are added together or not at all', async () => {
    const { accounts } = home.phonectl;
    const list = [
      { ...SIP, name: 'a', username: 'a' },
      { type: 'sfb' as const, name: 'b', username: 'b', server: 'x' },
    ];
    await assert.rejects(accounts.add({ accounts: list }), failsWith('invalid_input', /server does not belong/));
    assert.deepEqual(await all(accounts.list({})), []);
  });

  it('ACCT-05, PLAT-06: search covers names, servers, the site and the device that holds the account', async () => {
    const { accounts, sites, devices } = home.phonectl;
    await sites.add({ sites: [{ name: 'Berlin', description: 'Friedrichstraße' }] });
    await accounts.add({
      accounts: [
        { ...SIP, name: '1001', username: '1001', site: 'Berlin', displayName: 'Änne' },
        { ...SIP, name: '1002', username: '1002', server: 'other.example.com' },
      ],
    });
    await devices.add({ devices: [{ mac: '0004f2aabbcc', name: 'lobby', accounts: [{ account: '1002' }] }] });
    const search = async (text: string): Promise<string[]> =>
      (await all(accounts.list({ search: text }))).map(({ name }) => name);
    assert.deepEqual(await search('FRIEDRICH'), ['1001']);
    assert.deepEqual(await search('ÄNNE'), ['1001']);
    assert.deepEqual(await search('LOBBY'), ['1002']);
    assert.deepEqual(await search('other'), ['1002']);
    assert.deepEqual(await search('100'), ['1001', '1002']);
    const [held] = await all(accounts.list({ search: 'lobby' }));
    assert.deepEqual([held!.device, held!.line], ['lobby', 1]);
    const bySite = await all(accounts.list({ site: 'berlin' }));
    assert.deepEqual(
      bySite.map(({ name }) => name),
      ['1001'],
    );
    assert.deepEqual(
      (await all(accounts.list({ sort: '-device,name' }))).map(({ name }) => name),
      ['1002', '1001'],
    );
  });

  it('ACCT-07: an account on a line is deleted only when it may be unlinked', async () => {
    const { accounts, devices } = home.phonectl;
    await accounts.add({ accounts: [{ ...SIP, name: '1001', username: '1001' }] });
    await devices.add({ devices: [{ mac: '0004f2aabbcc', accounts: [{ account: '1001' }] }] });
    await assert.rejects(accounts.delete({ accounts: ['1001'] }), failsWith('in_use', /line 1 of 0004f2aabbcc/));
    const before = (await devices.show({ device: '0004f2aabbcc' })).version;
    const deleted = await accounts.delete({ accounts: ['1001'], unlink: true });
    assert.deepEqual(deleted, { deleted: ['sip/1001'], unlinked: 1 });
    assert.ok((await devices.show({ device: '0004f2aabbcc' })).version > before, 'the phone gets other files now');
  });

  it('an edit makes the files of the phone that holds the account new', async () => {
    const { accounts, devices } = home.phonectl;
    await accounts.add({ accounts: [{ ...SIP, name: '1001', username: '1001' }] });
    await devices.add({ devices: [{ mac: '0004f2aabbcc', accounts: [{ account: '1001' }] }] });
    const { version } = await devices.show({ device: '0004f2aabbcc' });
    await accounts.edit({ accounts: ['1001'], label: 'Front desk' });
    assert.ok((await devices.show({ device: '0004f2aabbcc' })).version > version);
  });

  it('B-11, CSV-11..13: an import leaves, fills in or replaces what exists', async () => {
    const { accounts } = home.phonectl;
    const header = 'type,name,username,server,label,password\n';
    await accounts.import({ source: bytes(`${header}sip,1,1,pbx,desk,old\n`) });
    const changed = `${header}sip,1,1,pbx2,,new\n`;
    const skipped = await accounts.import({ source: bytes(changed) });
    assert.deepEqual([skipped.summary.skipped, skipped.applied], [1, false]);
    const merged = await accounts.import({ source: bytes(changed), update: 'merge' });
    assert.equal(merged.summary.updated, 1);
    const account = await accounts.show({ account: '1', reveal: true });
    assert.deepEqual([account.server, account.label, account.password], ['pbx2', 'desk', 'new']);
    await accounts.import({ source: bytes('type,name,username,server,label\nsip,1,1,pbx2,\n'), update: 'overwrite' });
    const replaced = await accounts.show({ account: '1', reveal: true });
    assert.deepEqual([replaced.label, replaced.password], ['', 'new'], 'a column that is not there stays');
    const again = await accounts.import({ source: bytes(changed), update: 'merge' });
    assert.equal(again.summary.unchanged, 1, 'a second run changes nothing and says so');
  });

  it('ERR-01: every row error has line, column, value, reason and remedy, and no secret', async () => {
    const rows = [
      'type,name,username,password,server,port,transport,site',
      'foo,a,a,,pbx,,,',
      'sip,,,,pbx,,,',
      'sip,c,c,,pbx,99999,,',
      'sip,d,d,,pbx,,sctp,',
      'sip,e,e,,pbx,,,Nowhere',
      'sip,f,f,********,pbx,,,',
      'sip,g,g,"hush\nhush",pbx,,,',
      'sip,h,h,,pbx,,,',
      'sip,H,h,,pbx,,,',
    ];
    const report = await home.phonectl.accounts.import({ source: bytes(rows.join('\n')) });
    assert.deepEqual(
      report.errors.map(({ line, column }) => [line, column]),
      [
        [2, 'type'],
        [3, 'name'],
        [4, 'port'],
        [5, 'transport'],
        [6, 'site'],
        [7, 'password'],
        [8, 'password'],
        [11, 'name'],
      ],
    );
    assert.ok(report.errors.every(({ reason, remedy }) => reason !== '' && remedy !== ''));
    assert.doesNotMatch(JSON.stringify(report), /hush/);
    assert.equal(report.summary.created, 1);
    assert.deepEqual(await all(home.phonectl.accounts.list({})), [], 'nothing was applied');
  });

  it('an unknown column, a missing one and a missing type are refused before any row is read', async () => {
    const { accounts } = home.phonectl;
    const run = (text: string) => accounts.import({ source: bytes(text) });
    await assert.rejects(run('type,name,usrname\nsip,a,b\n'), failsWith('invalid_file', /usrname/));
    await assert.rejects(run('type,server\nsip,b\n'), failsWith('invalid_file', /name or username/));
    await assert.rejects(run('name,username,server\na,a,b\n'), failsWith('invalid_file', /of what type/));
    const typed = await accounts.import({ source: bytes('name,username,server\na,a,b\n'), type: 'sip' });
    assert.equal(typed.summary.created, 1);
  });

  for (const type of ACCOUNT_TYPES) {
    it(`ACCT-03, CSV-18: the ${type} template imports, and so does its example`, async () => {
      const template = readFileSync(assetPath('templates', 'csv', `accounts-${type}.csv`), 'utf8');
      const empty = await home.phonectl.accounts.import({ source: bytes(template), type });
      assert.equal(empty.summary.rows, 0);
      const lines = template.trimEnd().split('\n');
      const example = lines.at(-2)!.replace(/^# /, '');
      await home.phonectl.sites.add({ sites: [{ name: 'Berlin' }] });
      const report = await home.phonectl.accounts.import({ source: bytes(`${lines.at(-1)}\n${example}\n`) });
      assert.deepEqual([report.errors, report.summary.created], [[], 1]);
    });
  }

  it('ACCT-06, DEV-55: an export imports as unchanged; passwords stand as asterisks unless revealed', async () => {
    const { accounts } = home.phonectl;
    const text = fc.string({ unit: 'grapheme', maxLength: 10 }).map((one) => one.replace(/[\p{C}\p{Z}\s]/gu, ''));
    const password = fc.oneof(text, fc.constantFrom('=1+1', '+1', 'p,w"2;', "'=x", ' ', '#x')).map((one) => one.trim());
    const rows = fc.array(fc.record({ displayName: text, label: text, password }), { minLength: 1, maxLength: 5 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        run += 1;
        const wanted = list.map((one, index) => ({ ...SIP, ...one, name: `${run}-${index}`, username: `u${index}` }));
        await accounts.add({ accounts: wanted });
        for (const show of [false, true]) {
          const exported = await textOf(accounts.export({ search: `${run}-`, reveal: show }));
          const report = await accounts.import({ source: bytes(exported), update: 'overwrite' });
          assert.deepEqual([report.errors, report.summary.updated, report.summary.created], [[], 0, 0]);
        }
        for (const one of wanted) assert.equal((await reveal(one.name)) ?? '', one.password);
      }),
      { numRuns: 15 },
    );
    const masked = await textOf(accounts.export({}));
    assert.match(masked, /\*{8}/);
  });

  it('ACCT-06: an export of one type has the columns of that type', async () => {
    const { accounts } = home.phonectl;
    await accounts.add({ accounts: [{ type: 'sfb', name: 'anna', username: 'anna@example.com' }] });
    const lines = (await textOf(accounts.export({ type: 'sfb' }))).split('\n');
    assert.equal(lines[0], 'type,name,username,auth_name,password,display_name,label,site,description');
  });

  it('tells the caller of rejected rows with their cells, so that they can be written back', async () => {
    const events: unknown[] = [];
    await home.phonectl.accounts.import(
      { source: bytes('type,name,username,server\nsip,a,a,pbx\nsip,b,,pbx\n') },
      { onProgress: (event) => events.push(event) },
    );
    assert.deepEqual(events[0], { kind: 'header', columns: ['type', 'name', 'username', 'server'] });
    const rejected = events.filter((event) => (event as { kind: string }).kind === 'row');
    assert.equal(rejected.length, 1);
    assert.deepEqual((rejected[0] as { cells: unknown }).cells, ['sip', 'b', '', 'pbx']);
  });

  it('B-04 beyond: 20,000 accounts in batches, with entries at the start and at the end', async () => {
    async function* file(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('type,name,username,password,server\n');
      for (let block = 0; block < 20; block += 1) {
        const lines = Array.from({ length: 1000 }, (_, index) => {
          const number = block * 1000 + index;
          return `sip,a${number},${number},pw${number},pbx\n`;
        });
        yield Buffer.from(lines.join(''));
      }
    }
    const { accounts } = home.phonectl;
    const first = await accounts.import({ source: file() });
    assert.equal(first.summary.created, 20_000);
    assert.equal(await reveal('a19999'), 'pw19999');
    const second = await accounts.import({ source: file() });
    assert.deepEqual([second.summary.unchanged, second.applied], [20_000, false]);
    const page = await all(accounts.list({ limit: 3, offset: 10_000 }));
    assert.equal(page.length, 3);
  });
});
