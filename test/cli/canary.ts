/**
 * F-14: a home with a secret of its own in every field that takes one; then every command of the program is run, as it should
 * be and as it should not. A canary may be found nowhere but behind the flags that reveal: not in what commands print, not in
 * their errors, not in a file of the home. A new command needs a line in canary-lines.ts.
 */
import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandEntry, loadCommands } from '../../tools/catalogue.ts';
import { formsOf } from '../support/canaries.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { type ManyCommands, type ManyResult, manyCommands } from '../support/many-commands.ts';
import { reasonToStay, remoteEnv, stopRemote } from '../support/remote-cli.ts';
import { unzip } from '../support/zip.ts';
import { BAD_LINES, CANARY, FILES } from './canary-files.ts';
import { HOLDING, LINES, NOT_RUN, REMOTELY, REVEALING } from './canary-lines.ts';

/**
 * Defines the tests. `once`: each command as it should be, on a terminal, and the bad lines. `whole`: before that as a dry run
 * and in JSON, CSV and YAML; every command with a flag mistyped; the bad lines in JSON, too. `remote`: as `once`, and every
 * command that goes elsewhere does so through the API.
 */
export function commandsKeepSecrets(how: 'once' | 'whole' | 'remote'): void {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-canary-'));
  const commands = new Map<string, CommandEntry>();
  const seen: { readonly where: string; readonly text: string }[] = [];
  let home: TestHome;
  let many: ManyCommands;
  let env: Record<string, string>;
  let secrets: Readonly<Record<string, string>>;
  /** What sends commands to a server. */
  let far: Readonly<Record<string, string>> | undefined;

  before(async () => {
    for (const entry of await loadCommands()) commands.set(entry.id.replaceAll(':', ' '), entry);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    home = await makeHome({ certificates: true });
    // Commands about contexts and preferences write there; other tests of this process read it.
    const configuration = join(folder, 'configuration');
    cpSync(home.env['XDG_CONFIG_HOME']!, configuration, { recursive: true });
    env = { ...home.env, XDG_CONFIG_HOME: configuration, PHONECTL_DEBUG: '1' };
    many = manyCommands(env);
    secrets = await plant(home);
    if (how === 'remote') far = await remoteEnv(home.path);
  });
  after(async () => {
    await many[Symbol.asyncDispose]();
    if (far !== undefined) await stopRemote(home.path);
    await home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Words of a line; `%x` is a file of the folder, TIMER the timer that a line before has made. */
  async function words(line: string): Promise<string[]> {
    const timer = line.includes('TIMER') ? (await Array.fromAsync(home.phonectl.timers.list({})))[0]?.id : undefined;
    return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) =>
      (quoted ?? bare!).replace('%', `${folder}/`).replace('TIMER', String(timer)),
    );
  }

  async function run(argv: readonly string[], tty = false): Promise<ManyResult> {
    const goes = far !== undefined && reasonToStay(argv, home.path) === undefined;
    const result = await many.run({ argv, env: { ...env, ...(goes && far) }, tty });
    const where = argv.join(' ');
    seen.push({ where, text: `${result.stdout}\n${result.stderr}` });
    assert.notEqual(result.status, 1, `${where}: ${result.stderr}`);
    return result;
  }

  /** Looks through what has been seen since the last time. */
  function checkSeen(): void {
    const found: string[] = [];
    for (const { where, text } of seen.splice(0)) {
      for (const [name, secret] of Object.entries(secrets)) {
        if (formsOf(secret).some((form) => text.includes(form)))
          found.push(`${name} in ${where}: ${text.slice(0, 1_000)}`);
      }
    }
    assert.deepEqual(found, []);
  }

  /** Tries it out, or looks at it, in every form. */
  async function inEveryForm(argv: readonly string[], { flags }: CommandEntry): Promise<void> {
    if (Object.hasOwn(flags, 'dry-run')) await run([...argv, '--dry-run', '--json']);
    else if (!Object.hasOwn(flags, 'yes')) {
      for (const form of ['json', 'csv', 'yaml']) await run([...argv, '--output', form]);
    }
  }

  it('every command has a line, or a reason why not', () => {
    assert.deepEqual([...Object.keys(LINES), ...Object.keys(NOT_RUN)].sort(), [...commands.keys()].sort());
  });

  it('no command says one', async () => {
    const surprises: string[] = [];
    for (const [id, line] of Object.entries(LINES)) {
      const [text, status] = typeof line === 'string' ? [line, 0] : line;
      const argv = [...id.split(' '), ...(await words(text))];
      if (how === 'whole') await inEveryForm(argv, commands.get(id)!);
      const result = await run(argv, true);
      if (result.status !== (far === undefined ? status : (REMOTELY[id] ?? status)))
        surprises.push(`${argv.join(' ')}: ${result.status}\n${result.stdout}${result.stderr}`);
    }
    assert.deepEqual(surprises, []);
    checkSeen();
  });

  it('nor when it is called wrongly', async () => {
    for (const [id, { flags, command }] of commands) {
      const argv = id.split(' ');
      // Flags that refuse the secret itself, beside those that take it from a file.
      const refusing = Object.keys(flags).filter((flag) => Object.hasOwn(flags, `${flag}-file`));
      if (how === 'whole' || refusing.length > 0) await run([...argv, `--pasword=${CANARY.typed}`]);
      for (const flag of refusing) {
        const args = Object.keys(command.args ?? {}).map(() => 'x');
        const refused = await run([...argv, ...args, `--${flag}`, CANARY.typed]);
        assert.equal(refused.status, 2, `${id} --${flag}: ${refused.stderr}`);
      }
    }
    for (const line of BAD_LINES) {
      const argv = await words(line);
      const result = await run(argv);
      assert.notEqual(result.status, 0, `${line}: ${result.stdout}`);
      if (how === 'whole') await run([...argv, '--json']);
    }
    await run(['account', 'list', `--pasword=${CANARY.typed}`, '--json']);
    checkSeen();
  });

  it('nor is one in a file of the home', () => {
    const files = globSync('**/*', { cwd: home.path }).filter((name) => statSync(join(home.path, name)).isFile());
    assert.ok(files.length > 5, files.join());
    for (const name of files) seen.push({ where: name, text: readFileSync(join(home.path, name), 'latin1') });
    checkSeen();
  });

  it('nor in a file that a command has written, unless that is what it is for', () => {
    const files = globSync('**/*', { cwd: folder })
      .filter((name) => statSync(join(folder, name)).isFile())
      .filter((name) => !Object.hasOwn(FILES, name) && !HOLDING.some(([pattern]) => pattern.test(name)));
    for (const wanted of ['backup.tar', 'lobby.zip', 'fleet/devices.csv', 'fleet.secrets']) {
      assert.ok(files.includes(wanted), `${wanted} in ${files.join()}`);
    }
    for (const name of files) {
      const content = readFileSync(join(folder, name));
      for (const part of name.endsWith('.zip') ? unzip(content).values() : [content]) {
        seen.push({ where: name, text: part.toString('latin1') });
      }
    }
    checkSeen();
  });

  it('they are there, behind the flags that reveal', async () => {
    for (const [line, canary] of REVEALING) {
      const { stdout, stderr } = await run(await words(line));
      assert.ok(stdout.includes(canary), `${line}: ${stdout}${stderr}`);
    }
  });
}

async function plant({ phonectl }: TestHome): Promise<Readonly<Record<string, string>>> {
  await phonectl.sites.add({ sites: [{ name: 'HQ' }] });
  await phonectl.groups.add({ groups: [{ name: 'Shared' }] });
  const sip = { type: 'sip' as const, name: 'lobby-sip', username: 'u', server: 'pbx.example.net' };
  await phonectl.accounts.add({ accounts: [{ ...sip, password: CANARY.account }] });
  const lobby = { mac: '0004f2aaaa01', name: 'lobby', site: 'HQ', model: 'VVX 450', groups: ['Shared'] };
  await phonectl.devices.add({ devices: [{ ...lobby, accounts: [{ account: 'lobby-sip' }] }] });
  await phonectl.profiles.add({ name: 'base', vendor: 'poly' });
  await phonectl.roles.add({ name: 'helper', permissions: ['device:read'], sites: ['HQ'] });
  await phonectl.users.add({ email: 'ada@example.net', roles: ['helper'], password: CANARY.user });
  const key = await phonectl.keys.create({ name: 'canary', roles: ['helper'], callback: 'https://crm.invalid/' });
  for (const change of ['xmas', 'other']) {
    const set = [{ name: 'reg.1.auth.password', value: CANARY.change }];
    await phonectl.profiles.set({ profile: 'base', set, change });
  }
  const inFiles = Object.values(FILES).flatMap((text) => text.match(/Canary[ -][\w -]+/g) ?? []);
  const all = [...Object.values(CANARY), ...inFiles, FILES['context-secret']!.trim()];
  return { key: key.secret!, callback: key.callbackSecret!, ...Object.fromEntries(all.map((text) => [text, text])) };
}
