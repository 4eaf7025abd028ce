/**
 * Contexts: servers elsewhere, by name. `contexts.json` says which there are and which one is active; keys and sessions
 * lie apart from them in `credentials.json` (0600). conf writes both.
 *
 * Every command asks whether a context is active, so reading is done here without conf: one look at one small file.
 */
import { PhonectlError } from '../sdk/errors.ts';

export interface StoredContext {
  readonly server: string;
  /** Path of the PEM of the authority. */
  readonly ca?: string;
}

/** What proves who we are: an access key (id and secret) or the token of a session. */
export type StoredCredentials = { readonly id: string; readonly secret: string } | { readonly token: string };

/** Where commands go when it is not the home of this machine. */
export interface Target extends StoredContext {
  readonly name: string;
  readonly credentials: StoredCredentials | undefined;
}

/** The home of this machine, as a context. */
export const LOCAL = 'local';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

type Env = Readonly<Record<string, string | undefined>>;

interface ContextsFile {
  readonly active?: string;
  readonly contexts?: Readonly<Record<string, StoredContext>>;
}

function folder(env: Env): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'phonectl');
}

function readFile<T extends object>(name: string, env: Env): T | undefined {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const path = process.getBuiltinModule('node:path').join(folder(env), `${name}.json`);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${path} cannot be read: it is not JSON.`, {
      hints: ['Correct it, or remove it and add your contexts again.'],
      cause,
    });
  }
}

/**
 * Where this command goes: a --home that was typed, else --context, else PHONECTL_SERVER, else PHONECTL_HOME, else the active
 * context. `undefined` for the home of this machine. PHONECTL_KEY_ID and PHONECTL_KEY_SECRET beat what is stored.
 */
export function findTarget(
  flags: { context?: string | undefined; home?: string | undefined },
  typed: ReadonlySet<string>,
  env: Env,
): Target | undefined {
  if (typed.has('home')) {
    if (typed.has('context') && flags.context !== LOCAL) throw twoTargets();
    return undefined;
  }
  const server = env['PHONECTL_SERVER'];
  if (flags.context === undefined && server) {
    const ca = env['PHONECTL_CA'];
    const credentials = environmentKey(env) ?? sessionOf(server, env);
    return { name: 'PHONECTL_SERVER', server, ...(ca && { ca }), credentials };
  }
  if (flags.context === undefined && flags.home !== undefined) return undefined;
  const file = readFile<ContextsFile>('contexts', env);
  const name = flags.context ?? file?.active ?? LOCAL;
  if (name === LOCAL) return undefined;
  const context = Object.hasOwn(file?.contexts ?? {}, name) ? file?.contexts?.[name] : undefined;
  if (context === undefined) throw noContext(name);
  const ca = env['PHONECTL_CA'] || context.ca;
  const credentials = environmentKey(env) ?? readFile<Record<string, StoredCredentials>>('credentials', env)?.[name];
  return { name, server: context.server, ...(ca && { ca }), credentials };
}

/** What a context of the same server signs in with: `auth login` keeps its session there. */
function sessionOf(server: string, env: Env): StoredCredentials | undefined {
  const contexts = Object.entries(readFile<ContextsFile>('contexts', env)?.contexts ?? {});
  const name = contexts.find(([, context]) => context.server === server)?.[0];
  return name === undefined ? undefined : readFile<Record<string, StoredCredentials>>('credentials', env)?.[name];
}

function environmentKey(env: Env): StoredCredentials | undefined {
  const id = env['PHONECTL_KEY_ID'];
  const secret = env['PHONECTL_KEY_SECRET'];
  if (id && secret) return { id, secret };
  if (!id && !secret) return undefined;
  throw new PhonectlError('usage', 'PHONECTL_KEY_ID and PHONECTL_KEY_SECRET belong together; one of them is missing.');
}

/** The authority's PEM. Throws `not_found`. */
export function readAuthority(path: string): string {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PhonectlError('not_found', `The certificate authority ${path} cannot be read.`, {
      hints: ['Name another with --ca FILE or PHONECTL_CA.'],
      cause,
    });
  }
}

export interface ContextEntry extends StoredContext {
  readonly name: string;
  readonly active: boolean;
  /** What there is to sign in with; never the secret. */
  readonly credentials: 'key' | 'session' | null;
  readonly keyId: string | null;
}

/** All contexts, the home of this machine among them. */
export function listContexts(env: Env): ContextEntry[] {
  const file = readFile<ContextsFile>('contexts', env);
  const credentials = readFile<Record<string, StoredCredentials>>('credentials', env) ?? {};
  const active = file?.active ?? LOCAL;
  const local: ContextEntry = { name: LOCAL, server: '', active: active === LOCAL, credentials: null, keyId: null };
  const entries = Object.entries(file?.contexts ?? {}).map(([name, context]): ContextEntry => {
    const known = credentials[name];
    const key = known !== undefined && 'id' in known ? known.id : null;
    const kind = known === undefined ? null : key === null ? 'session' : 'key';
    return { name, ...context, active: name === active, credentials: kind, keyId: key };
  });
  return [local, ...entries.sort((a, b) => a.name.localeCompare(b.name))];
}

/** One context by name. Throws `not_found`. */
export function showContext(name: string, env: Env): ContextEntry {
  const entry = listContexts(env).find((context) => context.name === name);
  if (entry === undefined) throw noContext(name);
  return entry;
}

/** Adds a context, or changes one of this name when `replace` is set. Throws `exists`, `usage`. */
export async function saveContext(name: string, context: StoredContext, replace: boolean, env: Env): Promise<void> {
  checkContext(name, context, replace, env);
  const store = await open('contexts', env);
  store.set(`contexts.${confKey(name)}`, context);
}

/** What `saveContext` would say, without doing it. */
export function checkContext(name: string, { server }: StoredContext, replace: boolean, env: Env): void {
  if (!NAME.test(name) || name === LOCAL) {
    throw new PhonectlError('usage', `"${name}" cannot be the name of a context.`, {
      hints: [`Use letters, digits, dots and hyphens; "${LOCAL}" is the home of this machine.`],
    });
  }
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new PhonectlError('usage', 'No user name and no password belong into the address of a server.', {
      hints: ['Give a key with --id and --secret-stdin, or sign in: phonectl auth login.'],
    });
  }
  if (url?.protocol !== 'https:') {
    throw new PhonectlError('usage', `"${server}" is not the address of a server.`, {
      hints: ['Write it as https://phones.example.net:8445.'],
    });
  }
  if (!replace && listContexts(env).some((context) => context.name === name)) {
    throw new PhonectlError('exists', `There is a context "${name}" already.`, {
      hints: ['Give --replace to change it.'],
    });
  }
}

/** Keeps what proves who we are, in a file that only its owner reads; `undefined` forgets it. */
export async function saveCredentials(
  name: string,
  credentials: StoredCredentials | undefined,
  env: Env,
): Promise<void> {
  const store = await open('credentials', env);
  if (credentials === undefined) store.delete(confKey(name));
  else store.set(confKey(name), credentials);
}

/** Forgets the session with a server, whatever the context is called. An access key stays. */
export async function forgetSession({ server }: Pick<Target, 'server'>, env: Env): Promise<void> {
  const credentials = readFile<Record<string, StoredCredentials>>('credentials', env) ?? {};
  for (const { name, ...context } of listContexts(env)) {
    const known = credentials[name];
    if (context.server === server && known !== undefined && 'token' in known)
      await saveCredentials(name, undefined, env);
  }
}

/** Makes a context the active one. Throws `not_found`. */
export async function useContext(name: string, env: Env): Promise<ContextEntry> {
  const entry = showContext(name, env);
  const store = await open('contexts', env);
  store.set('active', name);
  return { ...entry, active: true };
}

/** Removes a context and its credentials; the active one gives way to the home of this machine. */
export async function deleteContext(name: string, env: Env): Promise<void> {
  const { active } = showContext(name, env);
  if (name === LOCAL) throw new PhonectlError('protected', 'The home of this machine is always there.');
  const store = await open('contexts', env);
  store.delete(`contexts.${confKey(name)}`);
  if (active) store.set('active', LOCAL);
  await saveCredentials(name, undefined, env);
}

interface Settings {
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

async function open(configName: string, env: Env): Promise<Settings> {
  const { default: Conf } = await import('conf');
  return new Conf<Record<string, unknown>>({ cwd: folder(env), configName, configFileMode: 0o600 });
}

/** conf reads dots in a key as a path. */
function confKey(name: string): string {
  return name.replaceAll('.', '\\.');
}

function twoTargets(): PhonectlError {
  return new PhonectlError('usage', '--home names a fleet of this machine, --context one elsewhere. Which of them?', {
    hints: ['Give one of the two.'],
  });
}

function noContext(name: string): PhonectlError {
  return new PhonectlError('not_found', `There is no context "${name}".`, {
    hints: ['See `phonectl context list`, or add it: phonectl context add NAME --server URL'],
  });
}
