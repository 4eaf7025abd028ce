/**
 * Where the shipped files are (`templates/…`, `dist/models.json`), from source and from the bundle alike.
 *
 * The bundle is one CJS file and the source is many ESM files, so neither `import.meta.url` nor `__dirname` serves both.
 * The bin scripts know the package's root and register it once, before anything else runs. Whoever loads the SDK as a
 * library registers nothing; then the root is found from the resolved package, else from the working directory.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PhonectlError } from './errors.ts';

let registered: string | undefined;

/** Tells where the package lives. Called by the bin scripts and by test set-ups; `root` holds package.json. */
export function registerPackageRoot(root: string): void {
  registered = root;
}

/** The package's root folder. Throws `unexpected` when it cannot be found. */
export function packageRoot(): string {
  registered ??= process.env['PHONECTL_PACKAGE_ROOT'] ?? findRoot();
  return registered;
}

/** An absolute path to a shipped file: `assetPath('templates', 'csv', 'devices.csv')`. Whether it exists is not checked. */
export function assetPath(...segments: readonly string[]): string {
  return join(packageRoot(), ...segments);
}

/** Of this phonectl. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(assetPath('package.json'), 'utf8')) as { version: string };
  return version;
}

function findRoot(): string {
  const require = createRequire(join(process.cwd(), 'noop.js'));
  try {
    return dirname(require.resolve('phonectl/package.json'));
  } catch (error) {
    if (!isModuleNotFound(error)) throw error;
  }
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'templates')) && existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new PhonectlError('unexpected', 'phonectl cannot find its own files (templates/).', {
    hints: ['Set PHONECTL_PACKAGE_ROOT to the folder that holds the package.json of phonectl.'],
  });
}

function isModuleNotFound(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
  );
}
