/**
 * The command line through the API: an environment in which commands go to a server that this process runs over a home.
 *
 * `PHONECTL_TEST_REMOTE=1 mocha test/cli/…` runs the command line tests this way (test/cli/harness.ts): same tests, same
 * expectations, the other door.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityCertificate, createAuthority } from '../../src/sdk/certificates/authority.ts';
import { callValue } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { loadOperations } from '../../src/sdk/index.ts';
import type { NewKey } from '../../src/sdk/keys/keys.ts';
import { type Api, startApi } from '../../src/server/api/index.ts';
import { refereedOperations } from './results.ts';

type Env = Readonly<Record<string, string>>;

const started = new Map<string, Promise<{ env: Env; api: Api }>>();

/** Commands about this machine, which never go elsewhere. */
const LOCAL = new Set(['init', 'serve', 'lab', 'home', 'demo', 'doctor', 'context', 'help', 'version', 'commands']);

/** Whether a run through the API was asked for and makes sense for this command. */
export function goesRemote(argv: readonly string[], home: string | undefined): home is string {
  if (!process.env['PHONECTL_TEST_REMOTE'] || home === undefined || LOCAL.has(argv[0] ?? '')) return false;
  return existsSync(join(home, 'phonectl.db'));
}

/**
 * Server, authority and a key with the role `super`; started once for each home, ended with the process. `configuration`
 * is where the sealing key of the home is, if not where this process looks.
 */
export async function remoteEnv(home: string, configuration?: string): Promise<Env> {
  let running = started.get(home);
  if (running === undefined) {
    running = start(home, configuration);
    started.set(home, running);
  }
  return (await running).env;
}

async function start(home: string, configuration: string | undefined): Promise<{ env: Env; api: Api }> {
  const before = process.env['XDG_CONFIG_HOME'];
  if (configuration !== undefined) process.env['XDG_CONFIG_HOME'] = configuration;
  const opening = openInstallation({ home });
  // Where the key lies is looked up before the first wait.
  if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
  else process.env['XDG_CONFIG_HOME'] = before;
  const installation = { ...(await opening), operations: refereedOperations };
  if (authorityCertificate(installation.home) === undefined) {
    const names = { company: 'Test', names: ['127.0.0.1'], now: Date.now() };
    await createAuthority(installation.home, installation.secrets, names);
  }
  const api = await startApi(installation, { listen: { host: '127.0.0.1', port: 0 } });
  const key = (await callValue(installation, {
    name: 'key.create',
    operation: (await loadOperations()).get('key.create')!,
    input: { name: `remote ${process.pid}`, roles: ['super'] },
    caller: { actor: { kind: 'local', name: 'tester', source: 'local' }, scope: 'all', permissions: ['*'] },
  })) as NewKey;
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-remote-'));
  writeFileSync(join(folder, 'ca.pem'), authorityCertificate(installation.home)!);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
    api,
    env: {
      PHONECTL_SERVER: `https://127.0.0.1:${api.port}`,
      PHONECTL_CA: join(folder, 'ca.pem'),
      PHONECTL_KEY_ID: key.id,
      PHONECTL_KEY_SECRET: key.secret!,
      // Nothing of this machine may help: there is no home here.
      PHONECTL_HOME: '/nonexistent/phonectl-test-home',
    },
  };
}

/** Ends the server of a home; its tests are over. */
export async function stopRemote(home: string): Promise<void> {
  const running = started.get(home);
  started.delete(home);
  await (await running)?.api.close(0);
}
