// Runs everyday commands in one process, and tells what they have used:
//   node tools/everyday.cjs modules BUNDLE   prints the names of the modules that they evaluated, see split.ts
//   node tools/everyday.cjs cache BUNDLE     keeps what V8 has compiled for them, see bin/bundle.js
'use strict';
const { execFileSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { cacheFileOf, evaluate } = require('../bin/bundle.js');

// What most scripts call, and only that: all of it is read at each start.
const EVERYDAY = [
  ['version', '--json'],
  ['device', 'list', '--json', '--limit', '10'],
  ['device', 'list', '--site', 'Cache', '--columns', 'name,mac'],
  ['device', 'show', 'lobby', '--json'],
  ['site', 'list'],
  ['account', 'list', '--json'],
];

const [task, bundle, command] = process.argv.slice(2);
// The package that the bundle is the dist/cli.cjs of.
const root = dirname(dirname(bundle));
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

async function main() {
  if (task === 'run') {
    await evaluate(bundle).exports.start(JSON.parse(command), root, pjson);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-everyday-'));
  try {
    process.env.PHONECTL_HOME = join(folder, 'home');
    process.env.XDG_CONFIG_HOME = folder;
    // In processes of their own: V8 shares what it compiles, and what only `init` needs must stay out of the cache.
    inProcess(['init', '--company', 'Cache', '--url', 'https://127.0.0.1:18443', '--yes', '--quiet']);
    inProcess(['device', 'add', '--mac', '64167f000001', '--model', 'VVX 450', '--name', 'lobby', '--quiet']);
    if (task === 'modules') await printModules();
    else await keepCache();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (process.exitCode) throw new Error('an everyday command failed');
}

function inProcess(argv) {
  const args = [__filename, 'run', bundle, JSON.stringify(argv)];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function printModules() {
  globalThis.evaluatedModules = new Set();
  await runAll(evaluate(bundle).exports);
  process.stdout.write = write;
  process.stdout.write(JSON.stringify([...globalThis.evaluatedModules]));
}

async function keepCache() {
  const { exports, script } = evaluate(bundle);
  await runAll(exports);
  writeFileSync(cacheFileOf(bundle), script.createCachedData());
}

const write = process.stdout.write;

/** The answers go nowhere. */
async function runAll(exports) {
  process.stdout.write = (_chunk, encoding, callback) => {
    const done = typeof encoding === 'function' ? encoding : callback;
    done?.();
    return true;
  };
  for (const argv of EVERYDAY) await exports.start(argv, root, pjson);
}

main();
