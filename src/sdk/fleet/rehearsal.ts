/**
 * Where a folder is tried out: on a copy of the fleet's store, or in an empty home of its own. Whatever the real thing
 * would do happens there, with the same code, and nothing of it stays.
 */
import type { OperationContext } from '../context.ts';
import { DATABASE } from '../home.ts';
import { systemClock } from '../ports/clock.ts';
import type { Home } from '../ports/home.ts';
import type { SecretBox } from '../ports/secrets.ts';

export interface Stage extends AsyncDisposable {
  readonly context: OperationContext;
}

/** A copy of the store as it is now; sealing key and certificates are the fleet's own, what is written is not. */
export async function copyOf(context: OperationContext): Promise<Stage> {
  const { snapshotDatabase } = await import('../../store/snapshot.ts');
  const { openStore } = await import('../../store/store.ts');
  removeAbandoned(context.home.file('run'), context.clock.now());
  const folder = scratchFolder(context.home.file('run'));
  const path = process.getBuiltinModule('node:path').join(folder, DATABASE);
  try {
    snapshotDatabase(context.home.file(DATABASE), path);
    return stage(openStore({ path }), { ...context, home: overlaid(context.home, folder) }, folder);
  } catch (error) {
    remove(folder);
    throw error;
  }
}

/** An empty fleet of this company, for a check that needs no home. */
export async function emptyFleet(company: string, signal: AbortSignal): Promise<Stage> {
  const { createDatabase } = await import('../home-admin/create.ts');
  const { newKeyFile, parseKeyFile, secretBox } = await import('../../store/secrets.ts');
  const { openStore } = await import('../../store/store.ts');
  const { tmpdir } = process.getBuiltinModule('node:os');
  const { join } = process.getBuiltinModule('node:path');
  const folder = scratchFolder(tmpdir());
  const home: Home = { path: folder, file: (...segments) => join(folder, ...segments) };
  const secrets: SecretBox = secretBox(parseKeyFile(newKeyFile(), 'a key for a check'));
  const actor = { kind: 'local', name: 'check', source: 'local' } as const;
  try {
    process.getBuiltinModule('node:fs').mkdirSync(home.file('run'), { mode: 0o700 });
    await createDatabase(
      home,
      { company, url: 'https://check.invalid/', names: [], edition: 'enterprise' },
      secrets,
      actor,
    );
    const store = openStore({ path: home.file(DATABASE) });
    const base = {
      operation: 'fleet.validate',
      actor,
      scope: 'all',
      permissions: ['*'],
      enterpriseId: 1,
      secrets,
      home,
      clock: systemClock,
      signal,
      require: () => undefined,
      checkVersion: () => undefined,
      call: async (name: string) => {
        throw new Error(`${name} was called outside the door.`);
      },
    } as const;
    return stage(store, base, folder);
  } catch (error) {
    remove(folder);
    throw error;
  }
}

/** What a fleet folder brings along and the store does not hold. */
const WRITTEN: ReadonlySet<string> = new Set(['models', 'files']);

/** The home, but for model files, of which there is a copy, and files for phones, which go elsewhere. */
function overlaid(home: Home, folder: string): Home {
  const { cpSync, existsSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  if (existsSync(home.file('models'))) cpSync(home.file('models'), join(folder, 'models'), { recursive: true });
  return {
    path: home.path,
    file: (...segments) => (WRITTEN.has(segments[0] ?? '') ? join(folder, ...segments) : home.file(...segments)),
  };
}

function stage(
  store: OperationContext['store'],
  base: Omit<OperationContext, 'store' | 'read' | 'write' | 'progress'>,
  folder: string,
): Stage {
  const context: OperationContext = {
    ...base,
    store,
    read: store.read,
    progress: () => undefined,
    // The log of a rehearsal would be nobody's.
    write: async (work) => {
      base.signal.throwIfAborted();
      return await store.transaction(async (repositories) => (await work(repositories))[0]);
    },
  };
  return {
    context,
    async [Symbol.asyncDispose]() {
      await store.close();
      remove(folder);
    },
  };
}

/** An empty folder that only its owner can read. */
export function scratchFolder(within: string): string {
  const { mkdirSync, mkdtempSync } = process.getBuiltinModule('node:fs');
  mkdirSync(within, { recursive: true, mode: 0o700 });
  return mkdtempSync(process.getBuiltinModule('node:path').join(within, PREFIX));
}

const PREFIX = 'fleet-';
const DAY = 86_400_000;

/** Removes what processes that were killed have left in the folder of a home. */
export function removeAbandoned(within: string, now: number): void {
  const { existsSync, readdirSync, statSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  if (!existsSync(within)) return;
  for (const name of readdirSync(within).filter((entry) => entry.startsWith(PREFIX))) {
    const stat = statSync(join(within, name), { throwIfNoEntry: false });
    if (stat !== undefined && now - stat.mtimeMs > DAY) remove(join(within, name));
  }
}

export function remove(folder: string): void {
  process.getBuiltinModule('node:fs').rmSync(folder, { recursive: true, force: true });
}
