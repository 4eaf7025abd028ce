/**
 * What a command may load before it answers. Times lie on busy machines; the list of evaluated modules does not. V8's
 * coverage names every module wrapper of the bundle that has run.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cleanEnv, ROOT, runCli, withFolder } from './harness.ts';

const RUN = join(ROOT, 'bin/run.js');
const BUNDLE = join(ROOT, 'dist/cli.cjs');

interface Loaded {
  /** Modules of the bundle, as `src/…` or `node_modules/…`. */
  readonly modules: string[];
  /** Files of dist that were read as code. */
  readonly files: string[];
  /** Node's own modules. */
  readonly builtins: string[];
}

async function loadedBy(argv: readonly string[], home: string, folder: string): Promise<Loaded> {
  const coverage = join(folder, `coverage-${argv.join('-').replaceAll('/', '')}`);
  // NODE_V8_COVERAGE loads modules of its own, so the built-in ones are listed by a run without it.
  const env = { ...cleanEnv({ home, env: { XDG_CONFIG_HOME: folder } }) };
  const covered = spawnSync(process.execPath, [RUN, ...argv], {
    env: { ...env, NODE_V8_COVERAGE: coverage },
    encoding: 'utf8',
  });
  assert.equal(covered.status, 0, covered.stderr);
  const modules = new Set<string>();
  const files = new Set<string>();
  for (const file of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
      result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
    };
    for (const { url, functions } of result) {
      const dist = `${pathToFileURL(join(ROOT, 'dist')).href}/`;
      const path = url.startsWith(dist)
        ? url.slice(dist.length)
        : url.startsWith(join(ROOT, 'dist/'))
          ? url.slice(join(ROOT, 'dist/').length)
          : undefined;
      if (path === undefined) continue;
      files.add(path);
      for (const { functionName, ranges } of functions) {
        if (/^(?:src|node_modules)\//.test(functionName) && ranges[0]!.count > 0) modules.add(functionName);
      }
    }
  }
  const hook = `process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))`;
  const listed = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, RUN, ...argv],
    { env, encoding: 'utf8' },
  );
  assert.equal(listed.status, 0, listed.stderr);
  return {
    modules: [...modules].sort(),
    files: [...files].sort(),
    builtins: listed.stderr.split('\n').map((line) => line.replace('NativeModule ', '')),
  };
}

describe('start-up', () => {
  before(function () {
    if (!existsSync(BUNDLE)) this.skip();
  });

  it('--version loads nothing of the bundle', async () => {
    await withFolder(async (folder) => {
      assert.deepEqual((await loadedBy(['--version'], join(folder, 'home'), folder)).files, []);
    });
  });

  it('version evaluates no command but itself, and nothing of the fleet', async () => {
    await withFolder(async (folder) => {
      const { modules } = await loadedBy(['version'], join(folder, 'home'), folder);
      assert.ok(modules.includes('src/cli/main.ts'), 'the coverage names modules');
      const commands = modules.filter((name) => name.startsWith('src/commands/'));
      assert.deepEqual(commands, ['src/commands/version.ts']);
      assert.deepEqual(
        modules.filter((name) => /^src\/(?:store|vendors|server|tasks|net|lab)\/|kysely|valibot/.test(name)),
        [],
      );
    });
  });

  it('device list evaluates what it needs: no prompt, spinner, client, server, XML, certificate, CSV or YAML code', async function () {
    this.timeout(30_000);
    await withFolder(async (folder) => {
      const home = join(folder, 'home');
      const made = await runCli(['init', '--company', 'Acme', '--url', 'https://127.0.0.1:18443', '--yes'], {
        home,
        env: { XDG_CONFIG_HOME: folder },
      });
      assert.equal(made.status, 0, made.stderr);
      const { modules, files, builtins } = await loadedBy(['device', 'list', '--json'], home, folder);
      assert.deepEqual(
        files.filter((file) => file !== 'cli.cjs'),
        [],
      );
      assert.deepEqual(
        modules.filter((name) => name.startsWith('src/commands/')),
        ['src/commands/device/list.ts'],
      );
      assert.deepEqual(
        modules.filter((name) => /^src\/(?:server|tasks|net|lab)\/|^src\/vendors\/\w+\//.test(name)),
        [],
      );
      assert.deepEqual(
        modules.filter((name) => /\/(?:help\/index|help\/command|errors\/handle)\.js$/.test(name)),
        [],
      );
      const heavy = [
        'http',
        'https',
        'http2',
        'tls',
        'crypto',
        'child_process',
        'worker_threads',
        'readline',
        'inspector',
      ];
      assert.ok(builtins.includes('sqlite'), 'the list of built-in modules is there');
      assert.deepEqual(
        builtins.filter((name) => heavy.includes(name)),
        [],
      );
    });
  });
});
