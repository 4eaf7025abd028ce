/** Where a home is, and opening it: store, sealing key, ports. */
import type { Installation } from './door.ts';
import { PhonectlError } from './errors.ts';
import { systemClock } from './ports/clock.ts';
import type { Home } from './ports/home.ts';

export interface HomeOptions {
  /** Folder of the home; default `PHONECTL_HOME`, else `$XDG_DATA_HOME/phonectl`, else `~/.local/share/phonectl`. */
  readonly home?: string;
}

export const DATABASE = 'phonectl.db';

export function locateHome(options: HomeOptions = {}): Home {
  const { join, resolve } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const { env } = process;
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const path = resolve(options.home || env['PHONECTL_HOME'] || join(data, 'phonectl'));
  return { path, file: (...segments) => join(path, ...segments) };
}

/**
 * Where the sealing key lives: apart from the database (design.md section 8). `PHONECTL_KEY_FILE`, a systemd credential
 * named `phonectl-key`, else the user's configuration folder under the home's own id.
 */
export function locateKey(home: Home): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const { env } = process;
  if (env['PHONECTL_KEY_FILE']) return env['PHONECTL_KEY_FILE'];
  const credentials = env['CREDENTIALS_DIRECTORY'];
  if (credentials) {
    const credential = join(credentials, 'phonectl-key');
    if (existsSync(credential)) return credential;
  }
  const configuration = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(configuration, 'phonectl', 'keys', `${readHomeId(home, existsSync, readFileSync)}.key`);
}

function readHomeId(
  home: Home,
  exists: (path: string) => boolean,
  read: (path: string, encoding: 'utf8') => string,
): string {
  const path = home.file('home.json');
  if (!exists(path)) throw noHome(home);
  const { id } = JSON.parse(read(path, 'utf8')) as { id?: unknown };
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) {
    throw new PhonectlError('damaged', `${path} does not name this home.`, {
      hints: ['Restore it from a backup with `phonectl home restore FILE`.'],
    });
  }
  return id;
}

function noHome(home: Home): PhonectlError {
  return new PhonectlError('no_home', `There is no phonectl home at ${home.path}.`, {
    hints: [
      'Make one with `phonectl init --company NAME --url https://…`.',
      'Or name another with --home or PHONECTL_HOME.',
    ],
    details: { home: home.path },
  });
}

/** A folder of somebody else looks as if there were nothing in it; who may not look in must not be told to make a home. */
function mustBeReadable(path: string, missing: () => PhonectlError): void {
  const { closeSync, openSync } = process.getBuiltinModule('node:fs');
  try {
    closeSync(openSync(path, 'r'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw missing();
    throw new PhonectlError('forbidden', `This user may not read ${path}.`, {
      hints: ['Run phonectl as the user who owns it, such as that of the service.'],
      details: { path },
    });
  }
}

/** Opens the home of this process. Throws `no_home`, `forbidden`, `wrong_key`, `damaged`, `newer_schema`, `locked`. */
export async function openInstallation(options: HomeOptions = {}): Promise<Installation> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const home = locateHome(options);
  mustBeReadable(home.file(DATABASE), () => noHome(home));
  const keyPath = locateKey(home);
  mustBeReadable(
    keyPath,
    () =>
      new PhonectlError('wrong_key', `The sealing key of this home is not at ${keyPath}.`, {
        hints: ['Put the key file back, or name it with PHONECTL_KEY_FILE.'],
        details: { home: home.path },
      }),
  );
  const [{ openStore }, { parseKeyFile, secretBox }] = await Promise.all([
    import('../store/store.ts'),
    import('../store/secrets.ts'),
  ]);
  return {
    home,
    store: openStore({ path: home.file(DATABASE) }),
    secrets: secretBox(parseKeyFile(readFileSync(keyPath, 'utf8'), keyPath)),
    clock: systemClock,
    enterpriseId: 1,
  };
}
