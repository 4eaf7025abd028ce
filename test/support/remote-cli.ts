/**
 * The command line through the API: an environment in which commands go to a server that this process runs over a home.
 *
 * `PHONECTL_TEST_REMOTE=1 mocha test/cli/…` runs tests of commands this way (test/cli/harness.ts): same tests, same
 * expectations, the other door. test/api/suite.test.ts does it with all of them.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityCertificate, createAuthority } from '../../src/sdk/certificates/authority.ts';
import { readTlsFile, splitPem, TLS_FILES, writeTlsFile } from '../../src/sdk/certificates/files.ts';
import { exportKey, keyPassphrase } from '../../src/sdk/certificates/keys.ts';
import { callValue, type Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { loadOperations } from '../../src/sdk/index.ts';
import type { NewKey } from '../../src/sdk/keys/keys.ts';
import { type Api, startApi } from '../../src/server/api/index.ts';
import { refereedOperations } from './results.ts';

type Env = Readonly<Record<string, string>>;

const started = new Map<string, Promise<Remote>>();
/** Of this process, for the certificates of its servers. */
const folders: string[] = [];

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

interface Remote {
  readonly env: Env;
  readonly api: Api;
  readonly installation: Installation;
}

/** Commands and topics that never go to a server, and why. test/api/suite.test.ts holds it against the commands. */
export const HERE: Readonly<Record<string, string>> = {
  commands: 'lists the commands of this program',
  'config build': 'writes the files of a whole fleet on this machine',
  completion: 'prints a script for the shell of this machine',
  context: 'keeps the names of servers on this machine',
  demo: 'makes a home and phones on this machine',
  doctor: 'looks at this machine',
  'fleet validate': 'tries a folder in a home of its own, made and thrown away here',
  'account template': 'prints what is shipped with this program',
  'group template': 'prints what is shipped with this program',
  'model template': 'prints what is shipped with this program',
  'site template': 'prints what is shipped with this program',
  help: 'prints what is shipped with this program',
  home: 'is about files of this machine',
  init: 'makes a home on this machine',
  lab: 'runs phones on this machine',
  preference: 'keeps defaults on this machine',
  serve: 'listens on this machine',
  'user outbox': 'reads mail that the server could not send, from its disk',
  version: 'says the version of this program',
  view: 'keeps how lists look on this machine',
};

/** Why this command line stays on this machine in a run through the API; `undefined` when it goes. */
export function reasonToStay(argv: readonly string[], home: string | undefined): string | undefined {
  if (home === undefined) return 'names no home';
  if (argv.includes('--home')) return 'a home that is typed goes before every server';
  const known = [1, 2, 3].map((words) => HERE[argv.slice(0, words).join(' ')]).find((reason) => reason !== undefined);
  if (known !== undefined) return known;
  return existsSync(join(home, 'phonectl.db')) ? undefined : 'there is no home';
}

/**
 * Whether this command goes through the API. Where PHONECTL_TEST_REMOTE names a file (more than `1`), that is noted there,
 * a line of JSON each: the words of the command, and why it stayed or null.
 */
export function goesRemote(argv: readonly string[], home: string | undefined): home is string {
  const asked = process.env['PHONECTL_TEST_REMOTE'];
  if (!asked) return false;
  const stays = reasonToStay(argv, home);
  if (asked !== '1') appendFileSync(asked, `${JSON.stringify({ argv, stays: stays ?? null })}\n`);
  return stays === undefined;
}

/** What a command that goes elsewhere says of it before an effect; the expectations of the tests are those of a home here. */
export function withoutTarget(stderr: string): string {
  return stderr.replace(/^(?:On PHONECTL_SERVER \(.*\):|\{"context":\{"name":"PHONECTL_SERVER".*\})\r?\n/gm, '');
}

/** Skips a test in a run through the API: it is about what only a command on this machine does. */
export function onlyHere(context: Mocha.Context, _reason: string): void {
  if (process.env['PHONECTL_TEST_REMOTE']) context.skip();
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

async function start(home: string, configuration: string | undefined): Promise<Remote> {
  const before = process.env['XDG_CONFIG_HOME'];
  if (configuration !== undefined) process.env['XDG_CONFIG_HOME'] = configuration;
  const opening = openInstallation({ home });
  // Where the key lies is looked up before the first wait.
  if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
  else process.env['XDG_CONFIG_HOME'] = before;
  const installation = { ...(await opening), operations: refereedOperations };
  if (authorityCertificate(installation.home) === undefined) await certify(installation);
  const api = await startApi(installation, { listen: { host: '127.0.0.1', port: 0 } });
  const key = (await callValue(installation, {
    name: 'key.create',
    operation: (await loadOperations()).get('key.create')!,
    input: { name: `remote ${process.pid}`, roles: ['super'] },
    caller: { actor: { kind: 'local', name: 'tester', source: 'local' }, scope: 'all', permissions: ['*'] },
  })) as NewKey;
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-remote-'));
  writeFileSync(join(folder, 'ca.pem'), authorityCertificate(installation.home)!);
  if (folders.length === 0) process.once('exit', () => folders.forEach(removeFolder));
  folders.push(folder);
  return {
    api,
    installation,
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

/** The certificates that the first home was given; the next ones get them too, since making keys takes a second. */
let certified: Map<string, { certificates: string[]; keys: KeyObject[] }> | undefined;

async function certify({ home, secrets }: Installation): Promise<void> {
  const passphrase = keyPassphrase(secrets);
  if (certified === undefined) {
    await createAuthority(home, secrets, { company: 'Test', names: ['127.0.0.1'], now: Date.now() });
    const files = [TLS_FILES.authority, ...Object.values(TLS_FILES.own)].map((name) => {
      const { certificates, keys } = splitPem(readTlsFile(home, name) ?? '');
      return [name, { certificates, keys: keys.map((key) => createPrivateKey({ key, passphrase })) }] as const;
    });
    certified = new Map(files);
    return;
  }
  for (const [name, { certificates, keys }] of certified) {
    writeTlsFile(home, name, [...certificates, ...keys.map((key) => exportKey(key, passphrase))].join(''));
  }
}

/** Ends the server of a home; its tests are over. */
export async function stopRemote(home: string): Promise<void> {
  const running = started.get(home);
  started.delete(home);
  const remote = await running;
  await remote?.api.close(0);
  await remote?.installation.store.close();
}

// A file of tests need not know that there were servers.
if (process.env['PHONECTL_TEST_REMOTE']) {
  after(async () => {
    for (const home of [...started.keys()]) await stopRemote(home);
  });
}
