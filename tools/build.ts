/**
 * Builds what ships: `dist/cli.cjs` and `dist/rest.cjs` (the command line), `dist/sdk` and `dist/types` (the SDK as ESM with
 * types), `dist/*-thread.cjs`, the compiled data, and `oclif.manifest.json`. Run by `npm run build`.
 *
 * `prepare` gives `--if-changed`: `npx` prepares a checkout once more before it runs anything of it, and a newcomer would
 * wait for the same build twice.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { CJS, labApart, lazyInOclif, libraries, libraryEntries, refuseModuleUrl, slimKysely } from './bundling.ts';
import { buildNoting, buildSplit, type Split } from './split.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// A package root of its own, moved into place at the end: a build that fails leaves the last good one.
const stage = join(root, 'dist.new');
const dist = join(stage, 'dist');

/** Command ids and their files: `device:list` → `src/commands/device/list.ts`. */
function commandFiles(): Map<string, string> {
  const folder = join(root, 'src/commands');
  const files = globSync('**/*.ts', { cwd: folder }).sort();
  return new Map(
    files.map((file) => [
      file
        .replace(/(^|\/)index\.ts$|\.ts$/, '')
        .split(sep)
        .join(':'),
      join(folder, file),
    ]),
  );
}

/**
 * The entry of cli.cjs. Every command is behind a getter, so that only the one that runs is evaluated; and so is what the
 * rest of the program shares with it.
 */
function bundleEntry(commands: ReadonlyMap<string, string>, shared: string): string {
  const path = (file: string): string => JSON.stringify(`./${relative(root, file).split(sep).join('/')}`);
  const getters = [...commands].map(
    ([id, file]) => `    get ${JSON.stringify(id)}() { return require(${path(file)}).default; },`,
  );
  return [
    'module.exports = {',
    '  start(argv, root, pjson) {',
    "    require('./src/sdk/assets.ts').registerPackageRoot(root);",
    "    return require('./src/cli/main.ts').main(argv, { root, pjson });",
    '  },',
    "  get help() { return require('./src/cli/help.ts').default; },",
    "  get commandNotFound() { return require('./src/cli/hooks/command-not-found.ts').default; },",
    '  commands: {',
    ...getters,
    '  },',
    `  shared: {${shared}},`,
    '};',
  ].join('\n');
}

/** First in one file, from which the manifest is made and the everyday commands run; then in two. */
async function bundleCli(): Promise<void> {
  const commands = commandFiles();
  const split: Split = {
    root,
    dist,
    entry: (shared) => bundleEntry(commands, shared),
    plugins: [libraries, labApart, lazyInOclif, slimKysely, refuseModuleUrl],
  };
  await buildNoting(split);
  await writeManifest();
  await buildSplit(split, JSON.parse(runEveryday('modules')));
  runEveryday('cache');
}

/** See everyday.cjs. */
function runEveryday(task: 'modules' | 'cache'): string {
  return execFileSync(process.execPath, [join(root, 'tools/everyday.cjs'), task, join(dist, 'cli.cjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Threads are files of their own. */
const THREADS = {
  'fact-thread': 'src/store/facts/thread.ts',
  'sealing-thread': 'src/store/sealing/thread.ts',
} as const;

async function bundleThreads(): Promise<void> {
  for (const [name, file] of Object.entries(THREADS)) {
    await build({
      ...CJS,
      entryPoints: [join(root, file)],
      outfile: join(dist, `${name}.cjs`),
      plugins: [slimKysely, refuseModuleUrl],
    });
  }
}

/**
 * `import got from 'got'` in a bundle of ours becomes Node's way of importing CJS, where the default is all that the file
 * exports. A package whose default is a function (got, ora, conf) therefore exports that function, the rest hung on it.
 */
const DEFAULT_IS_THE_MODULE =
  'if(module.exports.__esModule&&typeof module.exports.default==="function")' +
  'module.exports=Object.assign(module.exports.default,{...module.exports});';

/** What few commands need, in files of its own under dist/lib. */
async function bundleLibraries(): Promise<void> {
  await build({
    ...CJS,
    entryPoints: libraryEntries(),
    outdir: join(dist, 'lib'),
    outExtension: { '.js': '.cjs' },
    absWorkingDir: root,
    footer: { js: DEFAULT_IS_THE_MODULE },
    plugins: [refuseModuleUrl],
  });
}

async function buildSdk(): Promise<void> {
  await build({
    entryPoints: [join(root, 'src/sdk/index.ts')],
    outdir: join(dist, 'sdk'),
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    packages: 'external',
    legalComments: 'none',
    logLevel: 'warning',
  });
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tools/tsconfig.types.json')],
    {
      stdio: 'inherit',
    },
  );
}

/** Data are written as YAML and read as JSON: 104 ms against 0.3 ms. Compiling checks them too. */
async function compileData(): Promise<void> {
  const { compileCatalogues, compileModels } = await import('../src/vendors/compile.ts');
  const templates = join(root, 'templates');
  await writeFile(join(dist, 'models.json'), JSON.stringify(compileModels(templates)));
  await writeFile(join(dist, 'catalogues.json'), JSON.stringify(compileCatalogues(templates)));
}

const MANIFEST = 'oclif.manifest.json';
const BUILT_FROM = 'built-from';

/** The manifest is made from the bundle itself, with @oclif/core alone, and holds only what is set. */
async function writeManifest(): Promise<void> {
  const { Plugin } = await import('@oclif/core/config');
  const pjson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const plugin = new Plugin({ root: stage, pjson, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  const commands = Object.fromEntries(
    Object.entries(plugin.manifest.commands)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([id, command]) => [id, slim(command)]),
  );
  await writeFile(join(stage, MANIFEST), JSON.stringify({ commands, version: pjson.version }));
  const names = Object.fromEntries(Object.entries(commands).map(([id, command]) => [id, nameOf(command)]));
  await mkdir(join(dist, 'names'), { recursive: true });
  await writeFile(join(dist, 'names', MANIFEST), JSON.stringify({ commands: names, version: pjson.version }));
}

/** What oclif needs of a command to find it among the words of a command line, see src/cli/main.ts. */
function nameOf(command: Record<string, unknown>): Record<string, unknown> {
  const { id, aliases, hiddenAliases, hidden, strict, pluginName, pluginType } = command;
  const args = Object.fromEntries(Object.keys(command['args'] ?? {}).map((name) => [name, {}]));
  return { id, aliases, hiddenAliases, hidden, strict, pluginName, pluginType, args, flags: {} };
}

/** Views hold functions and tables that only a running command needs. */
function slim(command: Record<string, unknown>): Record<string, unknown> {
  const { view: _view, usesSdk: _usesSdk, ...rest } = command;
  return rest;
}

/** What a build is made of, as one digest; `dist/built-from` holds that of the last whole build. */
function inputs(): string {
  const hash = createHash('sha256').update(process.version);
  const files = ['package.json', 'package-lock.json', 'tsconfig.json'];
  for (const folder of ['src', 'templates', 'tools']) files.push(...globSync(`${folder}/**/*.*`, { cwd: root }).sort());
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function isBuiltFrom(digest: string): boolean {
  const note = join(root, 'dist', BUILT_FROM);
  return existsSync(note) && existsSync(join(root, MANIFEST)) && readFileSync(note, 'utf8') === digest;
}

async function main(): Promise<void> {
  const digest = inputs();
  if (process.argv.includes('--if-changed') && isBuiltFrom(digest)) return;
  await rm(stage, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await symlink(join(root, 'templates'), join(stage, 'templates'));
  await copyFile(join(root, 'package.json'), join(stage, 'package.json'));
  await bundleThreads();
  await bundleLibraries();
  await compileData();
  await bundleCli();
  // `--cli` leaves the SDK out: quicker while working on commands.
  if (!process.argv.includes('--cli')) {
    await buildSdk();
    await writeFile(join(dist, BUILT_FROM), digest);
  }
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await rename(dist, join(root, 'dist'));
  await rename(join(stage, MANIFEST), join(root, MANIFEST));
  await rm(stage, { recursive: true });
}

await main();
