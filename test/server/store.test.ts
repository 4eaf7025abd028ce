/** The store under the server: locked, killed, evidence that is never lost or used twice (security.md F-01, F-05). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openInstallation } from '../../src/sdk/home.ts';
import { sipState, withReport } from '../../src/store/facts/lines.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { type TestPhone, TestServer, USER_AGENTS, until } from './support.ts';

describe('the store under the server', function () {
  this.timeout(40_000);
  let fleet: TestServer;
  let phone: TestPhone;

  before(async () => {
    fleet = await TestServer.start();
    phone = await fleet.phone('poly', 0);
  });
  after(() => fleet[Symbol.asyncDispose]());

  it('F-05: while another process holds the store, phones get their files, new ones are told to come back', async () => {
    const fresh = await fleet.phone('poly', 7);
    await fleet.installation.store.transaction((repositories) => repositories.credentials.delete(fresh.id));
    const path = `/${phone.mac}-phonectl.cfg`;
    const asked = { login: phone.login, userAgent: USER_AGENTS.poly };
    assert.equal((await fleet.ask(path, asked)).status, 200);
    const holder = openDatabase({ path: fleet.installation.home.file('phonectl.db') });
    holder.exec('BEGIN IMMEDIATE');
    try {
      const enrolling = fleet.ask(`/${fresh.mac}.cfg`, { login: fleet.shared, userAgent: USER_AGENTS.poly });
      const times: number[] = [];
      for (let n = 0; n < 100; n += 1) {
        const start = performance.now();
        assert.equal((await fleet.ask(path, asked)).status, 200);
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      assert.ok((times[98] ?? 0) < 100, `p99 ${times[98]} ms`);
      const refused = await enrolling;
      assert.equal(refused.status, 503);
      assert.ok(Number(refused.headers['retry-after']) > 0);
    } finally {
      holder.exec('ROLLBACK');
      holder.close();
    }
    const later = await until('enrolment works again', async () => {
      const answer = await fleet.ask(`/${fresh.mac}.cfg`, { login: fleet.shared, userAgent: USER_AGENTS.poly });
      return answer.status === 200 ? answer : undefined;
    });
    assert.equal(later.status, 200);
  });

  it('marks: evidence above a mark is newer, also after its newest rows were deleted', async () => {
    const { evidence } = fleet.installation.store.read;
    const gone = await fleet.phone('poly', 8);
    await fleet.ask(`/${gone.mac}.cfg`, { login: gone.login, userAgent: USER_AGENTS.poly });
    await until('evidence', async () => ((await fleet.evidence(gone.id)).length > 0 ? true : undefined));
    const mark = await evidence.mark();
    await fleet.home.phonectl.devices.delete({ selector: { refs: [gone.mac] } });
    await fleet.ask(`/${phone.mac}.cfg`, { login: phone.login, userAgent: USER_AGENTS.poly });
    const after = await until('newer evidence', async () => {
      const rows = await evidence.after(mark, { deviceIds: [phone.id], kinds: ['fetch'] });
      return rows.length > 0 ? rows : undefined;
    });
    assert.ok(after.every(({ id }) => id > mark));
  });

  it('F-01: kill -9 of a serving process leaves a store that opens, with what it had confirmed', async () => {
    const bin = join(import.meta.dirname, '../../bin/dev.js');
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [bin, 'serve', '--listen', '127.0.0.1:0', '--json'], {
        env: { ...process.env, ...fleet.home.env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const port = JSON.parse(line.toString()).listening[0].port as number;
      const name = `${phone.mac}-app.log`;
      const upload = await fleet.ask(`/${name}`, {
        method: 'PUT',
        login: phone.login,
        userAgent: USER_AGENTS.poly,
        body: `round ${round}`,
        port,
        from: '127.0.0.1',
      });
      assert.ok(upload.status < 300);
      const requests = Array.from({ length: 40 }, () =>
        fleet.ask(`/${phone.mac}.cfg`, { login: phone.login, port, from: '127.0.0.1' }).catch(() => undefined),
      );
      setTimeout(() => child.kill('SIGKILL'), 5 + round * 20);
      await once(child, 'exit');
      await Promise.all(requests);
      const { store } = await openInstallation({ home: fleet.home.path });
      const record = await store.read.uploads.find(phone.id, name);
      assert.equal(record?.size, `round ${round}`.length, 'an answered upload is on record');
      await store.close();
    }
  });

  it('DEV-27: the SIP status is over all lines', () => {
    const assigned = [
      { line: 1, username: '1001' },
      { line: 2, username: '1002' },
    ];
    const report = (line: number | undefined, user: string | undefined, state: 'registered' | 'unregistered') => ({
      line,
      user,
      state,
      at: 1,
    });
    assert.equal(sipState([], assigned), 'unknown');
    let lines = withReport([], assigned, report(undefined, 'sip:1002@pbx.example.net', 'registered'));
    assert.deepEqual(
      lines.map(({ line }) => line),
      [2],
    );
    assert.equal(sipState(lines, assigned), 'partial');
    lines = withReport(lines, assigned, report(1, undefined, 'registered'));
    assert.equal(sipState(lines, assigned), 'registered');
    lines = withReport(lines, assigned, report(1, undefined, 'unregistered'));
    lines = withReport(lines, assigned, report(2, '1002', 'unregistered'));
    assert.equal(sipState(lines, assigned), 'unregistered');
    assert.equal(sipState(withReport([], [], report(undefined, '7', 'registered')), []), 'registered');
  });
});
