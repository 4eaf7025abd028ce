// Runs everyday commands in one process and keeps what V8 has compiled for them, see bin/bundle.js.
'use strict';
const { execFileSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { cacheFileOf, evaluate } = require('../bin/bundle.js');

const root = dirname(__dirname);
const file = join(root, 'dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'phonectl-cache-'));
process.env.PHONECTL_HOME = join(folder, 'home');
process.env.XDG_CONFIG_HOME = folder;

// What most scripts call, and only that: every function in the cache is loaded at each start.
const EVERYDAY = [
  ['version', '--json'],
  ['device', 'list', '--json', '--limit', '10'],
  ['device', 'list'],
  ['site', 'list'],
];

async function main() {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // In a process of its own: V8 shares what it compiles, and what only `init` needs must stay out of the cache.
  const init = ['init', '--company', 'Cache', '--url', 'https://127.0.0.1:18443', '--yes', '--quiet'];
  execFileSync(process.execPath, [join(root, 'bin/run.js'), ...init], { stdio: ['ignore', 'ignore', 'inherit'] });
  const bundle = evaluate(file);
  for (const argv of EVERYDAY) await bundle.exports.start(argv, root, pjson);
  if (process.exitCode) throw new Error('an everyday command failed');
  writeFileSync(cacheFileOf(file), bundle.script.createCachedData());
}

main().finally(() => rmSync(folder, { recursive: true, force: true }));
