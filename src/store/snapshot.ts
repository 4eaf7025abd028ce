import { schemaVersionOf } from './check.ts';
import { openDatabase, storeError } from './sqlite.ts';

/**
 * Copies a live database as it is at this moment into a new file (0600). VACUUM INTO reads one snapshot and never has to
 * begin again when others write, and the copy holds none of the pages that deleted rows have left behind.
 */
export function snapshotDatabase(from: string, to: string): { readonly schema: number } {
  const { chmodSync, closeSync, openSync } = process.getBuiltinModule('node:fs');
  const source = openDatabase({ path: from });
  try {
    // SQLite writes into an empty file that is there: so the mode is right from the first byte on.
    closeSync(openSync(to, 'wx', 0o600));
    source.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
    return { schema: schemaVersionOf(source) };
  } catch (error) {
    throw storeError(error, to);
  } finally {
    source.close();
  }
}
