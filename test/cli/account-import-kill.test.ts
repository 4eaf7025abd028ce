import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeHome, type TestHome } from '../support/home.ts';
import { all } from '../support/streams.ts';
import { startCli } from './harness.ts';

const ROWS = 30_000;

/** F-01, on a small scale: the same command completes what a killed one has begun. */
describe('phonectl account import, killed', function () {
  this.timeout(120_000);
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await home.remove();
  });

  it('leaves whole rows only, a store that is intact, nothing beside, and completes when run again', async () => {
    const file = join(home.path, '..', 'accounts.csv');
    const rows = Array.from({ length: ROWS }, (_, index) => `sip,a${index},${index},secret-${index},pbx`);
    writeFileSync(file, `type,name,username,password,server\n${rows.join('\n')}\n`);
    let killed = 0;
    for (const delay of [400, 800, 1200, 1600]) {
      const child = startCli(['account', 'import', file], { home: home.path, env: home.env });
      const ended = once(child, 'exit');
      await Promise.race([ended, setTimeout(delay)]);
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        killed += 1;
      }
      await ended;
      const found = await all(home.phonectl.accounts.list({ limit: 200, offset: 100 }));
      assert.ok(found.every(({ username, server, hasPassword }) => username !== '' && server === 'pbx' && hasPassword));
      const { findings } = await home.phonectl.homes.check({});
      const wrong = findings.filter(({ status, check }) => status === 'error' && check !== 'certificates');
      assert.deepEqual(wrong, []);
    }
    assert.ok(killed > 0, 'no run was killed in its middle: nothing was tested');
    const child = startCli(['account', 'import', file], { home: home.path, env: home.env });
    const [status] = (await once(child, 'exit')) as [number | null];
    assert.equal(status, 0);
    let count = 0;
    for await (const _ of home.phonectl.accounts.list({})) count += 1;
    assert.equal(count, ROWS);
    const last = await home.phonectl.accounts.show({ account: `a${ROWS - 1}`, reveal: true });
    assert.equal(last.password, `secret-${ROWS - 1}`);
    assert.deepEqual(
      readdirSync(join(home.path, 'run')).filter((name) => name.startsWith('import-')),
      [],
    );
  });
});
