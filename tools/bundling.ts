/** How the bundles are made: esbuild's options and our plugins. What is bundled is in `build.ts`. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

// Other packages may bring other versions of what oclif requires.
const oclifRequire = createRequire(createRequire(import.meta.url).resolve('@oclif/core'));

/** What every CJS file of ours is built with. */
export const CJS: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // The ES module loader costs 5 ms when it is first used: `await import()` becomes a later require().
  supported: { 'dynamic-import': false },
  charset: 'ascii',
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
  'nodemailer',
  'ora',
  'reflect-metadata',
  'yaml',
] as const;

/** Every file of dist/lib and what is in it. */
export function libraryEntries(): { in: string; out: string }[] {
  const packages = [...LIBRARIES, ...Object.keys(SELDOM)];
  return [
    ...packages.map((name) => ({
      in: SELDOM[name] ? oclifRequire.resolve(name) : name,
      out: libraryFile(name).replace(/\.cjs$/, ''),
    })),
    { in: 'src/lab/index.ts', out: 'lab' },
  ];
}

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

/** The lab is simulated phones: large, and only wanted by `lab` and `demo`. It shares no code with the rest. */
export const labApart: Plugin = {
  name: 'lab-apart',
  setup(build) {
    build.onResolve({ filter: /\/lab\/index\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './lib/lab.cjs', external: true },
    );
  },
};

/** Packages that oclif requires at start, but uses only without a manifest, in templates, for messages or a spinner. */
const SELDOM: Readonly<Record<string, readonly string[]>> = {
  'clean-stack': ['default'],
  'cli-spinners': ['default'],
  ejs: ['default'],
  'indent-string': ['default'],
  lilconfig: ['lilconfig', 'lilconfigSync'],
  minimatch: ['minimatch'],
  tinyglobby: ['glob', 'globSync'],
  'widest-line': ['default'],
  'wrap-ansi': ['default'],
};

/**
 * The same for oclif's own and Node's modules: the end of the importer's path → request → export → the module that
 * really has it (`#` and the export's name there, where it is another).
 */
const SELDOM_INTERNAL: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  'lib/errors/index.js': { './handle': { handle: './handle', Exit: './handle' } },
  'lib/main.js': {
    './help': { loadHelpClass: './help', normalizeArgv: './help/util', getHelpFlagAdditions: './help/util' },
    './ux': { ux: './ux' },
  },
  'lib/command.js': { './ux': { ux: './ux' } },
  'lib/config/config.js': { '../ux': { ux: '../ux' }, '../ux/theme': { parseTheme: '../ux/theme' } },
  'lib/errors/errors/cli.js': { '../../ux/theme': { colorize: '../../ux/theme' } },
  'lib/parser/help.js': { '../ux': { colorize: '../ux' } },
  'lib/parser/errors.js': {
    '../ux/list': { default: '../ux/list#default' },
    '../ux/theme': { colorize: '../ux/theme' },
  },
  'lib/performance.js': {
    'node:perf_hooks': { performance: 'node:perf_hooks', PerformanceObserver: 'node:perf_hooks' },
  },
  'lib/util/fs.js': { 'node:fs/promises': { readFile: 'node:fs/promises', stat: 'node:fs/promises' } },
  'lib/flags.js': { './help': { loadHelpClass: './help' } },
  'lib/parser/parse.js': { 'node:readline': { createInterface: 'node:readline' } },
  'lib/util/os.js': {
    'node:child_process': { execSync: 'node:child_process' },
    'wsl-utils': { isWsl: 'is-wsl#default', powerShellPath: 'wsl-utils' },
  },
};

/** An export of a stub, and where it really is. */
interface Lazy {
  readonly name: string;
  readonly module: string;
  readonly as: string;
}

/** Evaluates them when an export of theirs is first used: a tenth of each start. */
export const lazyInOclif: Plugin = {
  name: 'lazy-in-oclif',
  setup(build) {
    build.onResolve({ filter: /^[a-z-]+$/, namespace: 'lazy' }, ({ path }) => ({
      path: `./lib/${libraryFile(path)}`,
      external: true,
    }));
    build.onResolve({ filter: /^[a-z_:./-]+$/ }, ({ path, importer }) => {
      if (!importer.includes('/@oclif/core/lib/')) return undefined;
      const resolve = createRequire(importer).resolve;
      const internal = Object.entries(SELDOM_INTERNAL).find(([end]) => importer.endsWith(end))?.[1][path];
      const exported: Lazy[] | undefined =
        internal === undefined
          ? SELDOM[path]?.map((name) => ({ name, module: path, as: name }))
          : Object.entries(internal).map(([name, target]) => {
              const [module, as = name] = target.split('#');
              return { name, module: resolve(module!), as };
            });
      // One stub for each importer: what is lazy for one is asked for by other names by another.
      return exported && { path: `${importer} → ${path}`, namespace: 'lazy', pluginData: exported };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ pluginData }) => {
      const getters = (pluginData as Lazy[]).map(({ name, module, as }) => {
        const load = `require(${JSON.stringify(module)})`;
        const value =
          as === 'default' ? `const m = ${load}; return m.__esModule ? m.default : m;` : `return ${load}.${as};`;
        return `get ${name}() { ${value} },`;
      });
      return {
        contents: `module.exports = { __esModule: true, ${getters.join(' ')} };`,
        resolveDir: '/',
        loader: 'js',
      };
    });
  },
};

/** What we use of Kysely, and where it is. Its index evaluates the dialects of four databases (2 ms of each start). */
const KYSELY: Readonly<Record<string, string>> = {
  Kysely: 'kysely.js',
  sql: 'raw-builder/sql.js',
  SqliteAdapter: 'dialect/sqlite/sqlite-adapter.js',
  SqliteIntrospector: 'dialect/sqlite/sqlite-introspector.js',
  SqliteQueryCompiler: 'dialect/sqlite/sqlite-query-compiler.js',
};

/** Imports of Kysely go to those files; esbuild refuses what is not in the table. */
export const slimKysely: Plugin = {
  name: 'slim-kysely',
  setup(build) {
    build.onResolve({ filter: /^kysely$/ }, () => ({ path: 'kysely', namespace: 'kysely', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'kysely' }, () => {
      const folder = dirname(createRequire(import.meta.url).resolve('kysely'));
      const lines = Object.entries(KYSELY).map(
        ([name, file]) => `export { ${name} } from ${JSON.stringify(join(folder, file))};`,
      );
      return { contents: lines.join('\n'), resolveDir: folder, loader: 'js' };
    });
  },
};
