/**
 * Splits the command line in two files: `cli.cjs` holds what everyday commands evaluate, `rest.cjs` everything else. A
 * start reads, compiles and evaluates a whole file before its first line of ours, which costs in proportion to its size.
 *
 * esbuild cannot split CommonJS. What everyday commands evaluate is found by running them (`everyday.cjs`), with every
 * module noting its name; then each file is built with the modules of the other replaced by a look into that file, where
 * they stand behind getters. A module is in one of them only, so that classes and state exist once.
 */
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Loader, type Plugin, type ResolveResult } from 'esbuild';
import { CJS } from './bundling.ts';

export interface Split {
  /** Folder of package.json. */
  readonly root: string;
  /** Folder that the two files are written to. */
  readonly dist: string;
  /** Entry of cli.cjs as CommonJS, given the modules that rest.cjs wants to find in it. */
  entry(shared: string): string;
  /** What resolves packages and files in other ways; comes after ours, which asks it. */
  readonly plugins: readonly Plugin[];
}

/** Small functions without state: only the used part of it is bundled, and shared it would be all of it. */
const COPIED = /\/node_modules\/valibot\//;

const CODE = /\.(?:ts|js|cjs|mjs)$/;

/** Writes cli.cjs with everything in it; every module notes its name in `globalThis.evaluatedModules`. */
export async function buildNoting(split: Split): Promise<void> {
  await bundle(split, 'cli', split.entry(''), [noting(split.root)]);
}

/** Writes cli.cjs and rest.cjs, given the names of the modules that everyday commands evaluate. */
export async function buildSplit(split: Split, evaluated: readonly string[]): Promise<void> {
  const everyday = new Set(evaluated);
  let shared: ReadonlySet<string> = new Set();
  // What is shared is bundled whole, and may need more of what is in neither file yet: until nothing is added.
  for (;;) {
    const asked = new Set<string>();
    const cli = await bundle(split, 'cli', split.entry(getters(shared)), [elsewhere(split, 'rest', asked, isDistant)]);
    const inCli = new Set(Object.keys(cli.metafile!.inputs));
    const wanted = new Set<string>();
    await bundle(split, 'rest', `module.exports = {${getters(asked)}};`, [
      elsewhere(split, 'cli', wanted, (name, path) => inCli.has(name) && !COPIED.test(path)),
    ]);
    const before = shared.size;
    shared = new Set([...shared, ...wanted].sort());
    if (shared.size === before) return;
  }

  function isDistant(name: string, path: string, kind: string): boolean {
    return (kind === 'dynamic-import' || kind === 'require-call') && CODE.test(path) && !everyday.has(name);
  }
}

function getters(names: ReadonlySet<string>): string {
  return [...names]
    .map((name) => `get ${JSON.stringify(name)}() { return require(${JSON.stringify(`./${name}`)}); },`)
    .join('\n');
}

async function bundle(
  { root, dist, plugins }: Split,
  name: string,
  entry: string,
  own: readonly Plugin[],
): Promise<BuildResult> {
  const options: BuildOptions = {
    ...CJS,
    stdin: { contents: entry, resolveDir: root, sourcefile: `${name}-entry.js`, loader: 'js' },
    absWorkingDir: root,
    outfile: join(dist, `${name}.cjs`),
    metafile: true,
    plugins: [...own, ...plugins],
  };
  return await build(options);
}

/** Replaces modules by what `<file>.cjs` has under their name; collects the names. */
function elsewhere(
  { root }: Split,
  file: 'cli' | 'rest',
  names: Set<string>,
  isThere: (name: string, path: string, kind: string) => boolean,
): Plugin {
  const namespace = `in-${file}`;
  const member = file === 'cli' ? 'require("./cli.cjs").shared' : 'require("./rest.cjs")';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, namespace: from, resolveDir, pluginData }) => {
        if (from === namespace) return { path, external: true };
        if (kind === 'entry-point' || pluginData?.asked === namespace) return undefined;
        const found = await build.resolve(path, {
          kind,
          importer,
          namespace: from,
          resolveDir,
          pluginData: { asked: namespace },
        });
        if (found.errors.length > 0) return { errors: found.errors };
        if (found.external || found.namespace !== 'file') return passedOn(found);
        const name = relative(root, found.path).split(sep).join('/');
        if (!isThere(name, found.path, kind)) return passedOn(found);
        names.add(name);
        return { path: name, namespace };
      });
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `module.exports = ${member}[${JSON.stringify(path)}];`,
        loader: 'js',
      }));
    },
  };
}

function passedOn({ path, external, namespace, sideEffects, suffix, pluginData }: ResolveResult): object {
  return { path, external, namespace, sideEffects, suffix, pluginData };
}

/** Makes every module note its name when it is evaluated. */
function noting(root: string): Plugin {
  return {
    name: 'noting',
    setup(build) {
      build.onLoad({ filter: CODE, namespace: 'file' }, async ({ path }) => {
        const name = relative(root, path).split(sep).join('/');
        const note = `globalThis.evaluatedModules?.add(${JSON.stringify(name)});`;
        const loader: Loader = path.endsWith('.ts') ? 'ts' : 'js';
        const source = await readFile(path, 'utf8');
        const strict = /^(["'])use strict\1;?/.exec(source)?.[0] ?? '';
        return { contents: `${strict}${note}${source.slice(strict.length)}`, loader };
      });
    },
  };
}
