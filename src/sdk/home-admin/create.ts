/**
 * Makes a home: the one thing that happens before there is an installation, and so outside the door. It is resumable: the
 * database appears under its name as the very last step, and whatever an interrupted run left is used or cleared.
 */

import { UNSET_SUBNET } from '../../domain/site.ts';
import { checkName } from '../../domain/text.ts';
import type { Actor } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { DATABASE, type HomeOptions, locateHome, locateKey } from '../home.ts';
import { systemClock } from '../ports/clock.ts';
import type { Home } from '../ports/home.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { SiteData } from '../ports/sites.ts';
import type { Repositories } from '../ports/store.ts';
import { newSharedAccount, SHARED_ACCOUNT } from '../settings/shared-account.ts';
import { isSystemError } from '../system-error.ts';

export interface CreateHomeOptions extends HomeOptions {
  /** Name of the company and of its root site (SITE-02). */
  readonly company: string;
  /** Where phones will find the server: `https://prov.example.net` with an optional port and path. */
  readonly url: string;
  /** Further names and addresses for the server's certificate. */
  readonly also?: readonly string[];
  readonly edition?: 'enterprise';
  /** For the operation log; default the operating-system user. */
  readonly actor?: string;
  /** False makes no certificates; for tests that need none. */
  readonly certificates?: boolean;
}

export interface CreatedHome {
  readonly home: string;
  /** Where the sealing key is. Without it the secrets of a backup cannot be opened. */
  readonly keyFile: string;
  readonly company: string;
  readonly url: string;
  /** Names and addresses in the server's certificate. */
  readonly names: readonly string[];
  /** False when this very home was there already. */
  readonly created: boolean;
  readonly warnings: readonly string[];
}

export interface Wish {
  readonly company: string;
  readonly url: string;
  readonly names: readonly string[];
  readonly edition: 'enterprise';
}

/**
 * Makes the home, its database, sealing key, certificates, provisioning account and default sites. Run again with the
 * same wishes it changes nothing; with others it throws `exists`. Throws `invalid_input`, `disk_full`, `no_home`.
 */
export async function createHome(options: CreateHomeOptions): Promise<CreatedHome> {
  const wish = readWish(options);
  const home = locateHome(options);
  const { existsSync } = process.getBuiltinModule('node:fs');
  if (existsSync(home.file(DATABASE))) return await compareWith(home, wish);

  makeFolders(home);
  const { newKeyFile, parseKeyFile, secretBox } = await import('../../store/secrets.ts');
  writeOnce(home.file('home.json'), `${JSON.stringify({ id: crypto.randomUUID() })}\n`);
  const keyFile = locateKey(home);
  makeParentFolder(keyFile);
  const secrets = secretBox(parseKeyFile(writeOnce(keyFile, newKeyFile()), keyFile));
  if (options.certificates !== false) {
    const { createAuthority } = await import('../certificates/authority.ts');
    await createAuthority(home, secrets, { company: wish.company, names: wish.names, now: systemClock.now() });
  }
  const actor = options.actor ?? process.getBuiltinModule('node:os').userInfo().username;
  await createDatabase(home, wish, secrets, { kind: 'local', name: actor, source: 'local' });
  return { home: home.path, keyFile, ...withoutEdition(wish), created: true, warnings: keyWarnings(home, keyFile) };
}

function readWish(options: CreateHomeOptions): Wish {
  const problem = checkName(options.company);
  if (problem !== undefined) throw new PhonectlError('invalid_input', `The company's name ${problem}.`);
  const url = serverUrl(options.url);
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const names = [...new Set([host, ...(options.also ?? []).map((name) => name.trim().toLowerCase())])];
  const wrong = names.find((name) => !/^[a-z0-9.:*_-]+$/.test(name));
  if (wrong !== undefined) {
    throw new PhonectlError('invalid_input', `"${wrong}" is neither a host name nor an address.`, {
      hints: ['Write --also prov.example.net or --also 10.20.0.5, once for each.'],
    });
  }
  return { company: options.company.trim(), url, names, edition: options.edition ?? 'enterprise' };
}

/** The provisioning URL in its stored form, with a slash at the end. Throws `invalid_input`. */
function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const reason =
    url === undefined
      ? 'is not a URL'
      : url.protocol !== 'https:'
        ? 'does not begin with https://'
        : url.username !== '' || url.password !== ''
          ? 'holds credentials'
          : url.search !== '' || url.hash !== ''
            ? 'has a query or a fragment'
            : undefined;
  if (url === undefined || reason !== undefined) {
    throw new PhonectlError('invalid_input', `The server's URL ${reason}: phones get their files over HTTPS.`, {
      hints: ['Write it as https://prov.example.net or https://10.20.0.5:8443.'],
    });
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

function withoutEdition({ company, url, names }: Wish): Pick<Wish, 'company' | 'url' | 'names'> {
  return { company, url, names };
}

function keyWarnings(home: Home, keyFile: string): readonly string[] {
  const { relative, isAbsolute } = process.getBuiltinModule('node:path');
  const path = relative(home.path, keyFile);
  if (path.startsWith('..') || isAbsolute(path)) return [];
  return [`The sealing key ${keyFile} lies inside the home: whoever copies the folder has the secrets too.`];
}

/** A second init: nothing when it wishes what is there, else a refusal. */
async function compareWith(home: Home, wish: Wish): Promise<CreatedHome> {
  const { openInstallation } = await import('../home.ts');
  const { store } = await openInstallation({ home: home.path });
  try {
    const { settings } = store.read;
    const found: Record<string, unknown> = {
      company: await settings.get('company'),
      url: await settings.get('provisioning.url'),
      names: await settings.get('provisioning.names'),
    };
    const differing = Object.entries(withoutEdition(wish))
      .filter(([name, value]) => JSON.stringify(found[name]) !== JSON.stringify(value))
      .map(([name]) => name);
    if (differing.length > 0) {
      throw new PhonectlError(
        'exists',
        `There is a home at ${home.path} already; its ${differing.join(', ')} differ.`,
        {
          hints: [
            'Choose another folder with --home or PHONECTL_HOME.',
            'Look at this one with `phonectl home check`.',
          ],
          details: { home: home.path, differing },
        },
      );
    }
  } finally {
    await store.close();
  }
  return { home: home.path, keyFile: locateKey(home), ...withoutEdition(wish), created: false, warnings: [] };
}

function makeFolders(home: Home): void {
  const { chmodSync, mkdirSync, readdirSync, rmSync } = process.getBuiltinModule('node:fs');
  mkdirSync(home.path, { recursive: true, mode: 0o700 });
  chmodSync(home.path, 0o700);
  for (const folder of ['tls', 'uploads', 'models', 'catalogues', 'run'])
    mkdirSync(home.file(folder), { recursive: true, mode: 0o700 });
  for (const name of readdirSync(home.path)) {
    if (UNFINISHED.test(name)) rmSync(home.file(name));
  }
}

/** A database that an interrupted run did not finish. */
const UNFINISHED = /^phonectl\.db\.[0-9a-f]{12}\.new(-wal|-shm|-journal)?$/;

function makeParentFolder(path: string): void {
  const { dirname } = process.getBuiltinModule('node:path');
  process.getBuiltinModule('node:fs').mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}

/** Writes a file unless it is there; returns what it then holds. */
function writeOnce(path: string, text: string): string {
  const fs = process.getBuiltinModule('node:fs');
  try {
    fs.writeFileSync(path, text, { flag: 'wx', mode: 0o600, flush: true });
    return text;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return fs.readFileSync(path, 'utf8');
    throw error;
  }
}

/** Makes the database of a home: certificates and key are the caller's business. */
export async function createDatabase(home: Home, wish: Wish, secrets: SecretBox, actor: Actor): Promise<void> {
  const { linkSync, rmSync } = process.getBuiltinModule('node:fs');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const { openStore } = await import('../../store/store.ts');
  const unfinished = home.file(`${DATABASE}.${randomBytes(6).toString('hex')}.new`);
  const store = openStore({ path: unfinished, create: true });
  try {
    const now = systemClock.now();
    store.raw.writer.prepare('insert into enterprise (id, name, created_at) values (1, ?, ?)').run(wish.company, now);
    await store.transaction(async (repositories) => await fill(repositories, wish, secrets, actor, now));
  } finally {
    await store.close();
  }
  try {
    // A link, unlike a rename, never replaces a database that another init has finished meanwhile.
    linkSync(unfinished, home.file(DATABASE));
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    throw new PhonectlError('exists', `Another init has just made the home at ${home.path}.`);
  } finally {
    rmSync(unfinished);
  }
}

async function fill(
  { settings, sites, log }: Repositories,
  wish: Wish,
  secrets: SecretBox,
  actor: Actor,
  now: number,
): Promise<void> {
  await settings.set('company', wish.company);
  await settings.set('edition', wish.edition);
  await settings.set('provisioning.url', wish.url);
  await settings.set('provisioning.names', wish.names);
  await settings.set('provisioning.poll', { window: '03:00-05:00' });
  await settings.set(SHARED_ACCOUNT, newSharedAccount(secrets));
  const company = await sites.insert('company', { ...BLANK_SITE, name: wish.company }, now);
  await sites.insert('internet', { ...INTERNET, parentId: company }, now);
  const intranet = await sites.insert('intranet', { ...INTRANET, parentId: company }, now);
  await sites.setSubnets(intranet, [{ public: UNSET_SUBNET, private: [] }], now);
  await log.append({
    operation: 'home.init',
    object: 'home',
    result: 'done',
    actor: actor.name,
    actorKind: actor.kind,
    source: actor.source,
    at: now,
    details: { company: wish.company, url: wish.url, names: wish.names },
  });
}

const BLANK_SITE: Omit<SiteData, 'name'> = {
  parentId: null,
  description: '',
  location: '',
  provisioning: 'credential',
  autoAdd: false,
  downloadPath: null,
  timeZone: null,
  officeHours: null,
};
const INTERNET: Omit<SiteData, 'parentId'> = {
  ...BLANK_SITE,
  name: 'Internet',
  description: 'Devices whose addresses belong to no other site.',
};
const INTRANET: Omit<SiteData, 'parentId'> = {
  ...BLANK_SITE,
  name: 'Intranet',
  description: 'Set the subnets of your network here, or delete it and make sites of your own.',
};
