/** How the bundles are made: esbuild's options and our plugins. What is bundled is in `build.ts`. */
import { createRequire } from 'node:module';
import type { BuildOptions, Plugin } from 'esbuild';

/** What every CJS file of ours is built with. */
export const CJS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // Every start reads the whole file; without white space it is a third smaller. Names stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Packages that few commands need, each built into a file of its own, `dist/lib/<name>.cjs`. Together they are more
 * than all the rest, and would be read at each start.
 */
export const LIBRARIES = [
  '@peculiar/x509',
  'cli-table3',
  'conf',
  'csv-parse',
  'csv-parse/sync',
  'csv-stringify',
  'csv-stringify/sync',
  'fast-xml-parser',
  'got',
  'inquirer',
  'ora',
  'reflect-metadata',
  'yaml',
] as const;

/** `csv-parse/sync` → `csv-parse-sync.cjs`. */
export function libraryFile(name: string): string {
  return `${name.replace('@', '').replaceAll('/', '-')}.cjs`;
}

/** Points imports of the libraries at their files. */
export const libraries: Plugin = {
  name: 'libraries',
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || !(LIBRARIES as readonly string[]).includes(path)) return undefined;
      return { path: `./lib/${libraryFile(path)}`, external: true };
    });
  },
};

/** A CJS bundle has no import.meta.url: what needs it would break at run time only, so it breaks here. */
export const refuseModuleUrl: Plugin = {
  name: 'refuse-module-url',
  setup(build) {
    build.onEnd(({ warnings }) => {
      const broken = warnings.filter(({ id }) => id === 'empty-import-meta');
      if (broken.length > 0)
        throw new Error(`import.meta in the bundle: ${broken.map(({ location }) => location?.file).join(', ')}`);
    });
  },
};

/** Packages that oclif requires at start but uses only without a manifest, in templates, or for a spinner. */
const SELDOM: Readonly<Record<string, readonly string[]>> = {
  'cli-spinners': ['default'],
  ejs: ['default'],
  lilconfig: ['lilconfig', 'lilconfigSync'],
  minimatch: ['minimatch'],
  tinyglobby: ['glob', 'globSync'],
};

/** Evaluates them when their exports are first used: 4 ms of each start. */
export const lazyInOclif: Plugin = {
  name: 'lazy-in-oclif',
  setup(build) {
    build.onResolve({ filter: /^[a-z-]+$/ }, ({ path, importer, pluginData }) => {
      if (pluginData === 'real' || !(path in SELDOM) || !importer.includes('/@oclif/core/')) return undefined;
      const real = createRequire(importer).resolve(path);
      return { path, namespace: 'lazy', pluginData: { real, names: SELDOM[path]! } };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ pluginData: { real, names } }) => {
      const load = `require(${JSON.stringify(real)})`;
      const getters = names.map((name: string) =>
        name === 'default'
          ? `get default() { const m = ${load}; return m.__esModule ? m.default : m; },`
          : `get ${name}() { return ${load}.${name}; },`,
      );
      return {
        contents: `module.exports = { __esModule: true, ${getters.join(' ')} };`,
        resolveDir: '/',
        loader: 'js',
      };
    });
  },
};
