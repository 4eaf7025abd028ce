import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeHome, type TestHome } from '../support/home.ts';
import { remoteEnv, stopRemote } from '../support/remote-cli.ts';
import { runCli, withFolder } from './harness.ts';

const PASSWORD = 'correct horse battery';

describe('contexts and signing in', function () {
  this.timeout(60_000);
  let far: TestHome;
  let remote: Readonly<Record<string, string>>;

  before(async () => {
    far = await makeHome({ certificates: true });
    remote = await remoteEnv(far.path);
    await far.phonectl.users.add({ email: 'ada@example.net', roles: ['super'], password: PASSWORD });
  });
  after(async () => {
    await stopRemote(far.path);
    await far.remove();
  });

  it('are kept apart from their secrets, which only their owner reads', async () => {
    await withFolder(async (folder) => {
      const env = { XDG_CONFIG_HOME: folder, PHONECTL_HOME: '' };
      const run = (argv: string[], stdin?: string) => runCli(argv, { env, ...(stdin !== undefined && { stdin }) });
      const add = ['context', 'add', 'prod', '--server', remote['PHONECTL_SERVER']!, '--ca', remote['PHONECTL_CA']!];
      const secret = remote['PHONECTL_KEY_SECRET']!;
      const added = await run([...add, '--id', remote['PHONECTL_KEY_ID']!, '--secret-stdin', '--json'], `${secret}\n`);
      assert.equal(added.status, 0, added.stderr);
      assert.ok(!added.stdout.includes(secret));
      for (const name of ['contexts.json', 'credentials.json']) {
        assert.equal(statSync(join(folder, 'phonectl', name)).mode & 0o777, 0o600, name);
      }
      assert.ok(!readFileSync(join(folder, 'phonectl', 'contexts.json'), 'utf8').includes(secret));
      assert.equal((await run(add)).status, 6);
      assert.equal((await run(['context', 'use', 'nosuch'])).status, 5);

      const chosen = await run(['site', 'list', '--context', 'prod', '--output', 'name']);
      assert.equal(chosen.status, 0, chosen.stderr);
      assert.match(chosen.stdout, /Internet/);
      assert.equal((await run(['site', 'list'])).status, 5, 'not yet the active one');
      assert.equal((await run(['context', 'use', 'prod'])).status, 0);
      assert.match((await run(['site', 'list', '--output', 'name'])).stdout, /Internet/);
      assert.equal((await run(['site', 'list', '--context', 'local'])).status, 5);
      assert.equal((await run(['serve'])).status, 2);
      const shown = JSON.parse((await run(['context', 'show', '--json'])).stdout);
      assert.deepEqual([shown.name, shown.active, shown.credentials], ['prod', true, 'key']);

      assert.equal((await run(['context', 'delete', 'prod', '--yes'])).status, 0);
      assert.ok(!readFileSync(join(folder, 'phonectl', 'credentials.json'), 'utf8').includes(secret));
      assert.equal((await run(['site', 'list'])).status, 5, 'the home of this machine again, which is not there');
    });
  });

  it('a home that is typed goes before PHONECTL_SERVER, PHONECTL_CONTEXT and the active context, and is named', async () => {
    await using near = await makeHome();
    await near.phonectl.sites.add({ sites: [{ name: 'Near' }] });
    await withFolder(async (folder) => {
      const config = { XDG_CONFIG_HOME: near.env['XDG_CONFIG_HOME']! };
      const typed = ['--home', near.path];
      for (const env of [
        { ...config, ...remote },
        { ...config, PHONECTL_CONTEXT: 'nosuch' },
      ]) {
        const listed = await runCli(['site', 'list', '--output', 'name', ...typed], { env });
        assert.equal(listed.status, 0, listed.stderr);
        assert.match(listed.stdout, /^Near$/m);
      }
      const other = await runCli(['site', 'list', '--output', 'name'], {
        env: { ...config, ...remote, PHONECTL_HOME: near.path },
      });
      assert.doesNotMatch(other.stdout, /Near/, 'a home of the environment does not');

      const gone = await runCli(['site', 'delete', 'Near', '--yes', ...typed], { env: { ...config, ...remote } });
      assert.equal(gone.status, 0, gone.stderr);
      assert.ok(gone.stderr.includes(`On local (${near.path}):\n`), gone.stderr);
      await runCli(['site', 'add', 'Near', ...typed], { env: config });
      const json = await runCli(['site', 'delete', 'Near', '--yes', '--json', ...typed], { env: config });
      assert.deepEqual(JSON.parse(json.stderr), { context: { name: 'local', home: near.path } });

      const env = { XDG_CONFIG_HOME: folder };
      const both = await runCli(['site', 'list', '--context', 'prod', ...typed], { env });
      assert.equal(both.status, 2);
      assert.match(both.stderr, /--home names a fleet of this machine, --context one elsewhere/);
      assert.equal((await runCli(['site', 'list', '--context', 'local', ...typed], { env: config })).status, 0);
    });
  });

  it('AUTH-01, 03, 06, 14: login, password, whoami, logout', async () => {
    await withFolder(async (folder) => {
      const env = { XDG_CONFIG_HOME: folder, PHONECTL_HOME: '', PHONECTL_CA: remote['PHONECTL_CA']! };
      const run = (argv: string[], stdin?: string) =>
        runCli([...argv, '--context', 'prod'], { env, ...(stdin !== undefined && { stdin }) });
      await runCli(['context', 'add', 'prod', '--server', remote['PHONECTL_SERVER']!], { env });
      assert.equal((await run(['site', 'list'])).status, 4);
      const wrong = await run(['auth', 'login', '--user', 'ada@example.net', '--password-stdin'], 'not the password');
      assert.equal(wrong.status, 4);
      const login = await run(['auth', 'login', '--user', 'ada@example.net', '--password-stdin', '--json'], PASSWORD);
      assert.equal(login.status, 0, login.stderr);
      assert.ok(!login.stdout.includes('pt_'));
      const blocked = await run(['site', 'list', '--json']);
      assert.equal(JSON.parse(blocked.stderr).error.code, 'password_change_required');
      const [old, next] = [join(folder, 'old'), join(folder, 'next')];
      const { writeFileSync } = await import('node:fs');
      writeFileSync(old, PASSWORD);
      writeFileSync(next, 'staple the other horse\n');
      const passwd = await run(['auth', 'passwd', '--old-password-file', old, '--password-file', next]);
      assert.equal(passwd.status, 0, passwd.stderr);
      assert.equal((await run(['site', 'list'])).status, 0);
      const who = JSON.parse((await run(['auth', 'whoami', '--json'])).stdout);
      assert.deepEqual([who.kind, who.email, who.roles], ['user', 'ada@example.net', ['super']]);
      assert.equal((await run(['auth', 'logout'])).status, 0);
      assert.equal((await run(['site', 'list'])).status, 4);
    });
  });
});
