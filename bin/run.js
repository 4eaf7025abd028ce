#!/usr/bin/env node
// Starts the bundle in dist/, or the source in a checkout that is not built. CommonJS, since an ES module that imports
// node:fs evaluates every lazy part of it (10 ms); and in a syntax that every Node of the last years understands, since
// it must be understood by the Node that it sends away.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const WANTED = [24, 15];
const root = dirname(__dirname);
const argv = process.argv.slice(2);

if (isNewEnough()) start();
else useBundledRuntime();

function isNewEnough() {
  const version = process.versions.node.split('.').map(Number);
  return version[0] > WANTED[0] || (version[0] === WANTED[0] && version[1] >= WANTED[1]);
}

function start() {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Scripts call this one often, and nothing of the bundle is needed for it.
  if (argv[0] === '--version') {
    process.stdout.write(`phonectl ${pjson.version}\n`);
    return;
  }
  const bundle = join(root, 'dist', 'cli.cjs');
  if (!existsSync(bundle)) {
    require('./dev.js').start(argv);
    return;
  }
  require('./bundle.js').loadBundle(bundle).start(argv, root, pjson);
}

/** A checkout brings its own Node in node_modules; a package's user must have one. */
function useBundledRuntime() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const runtime = [
    join(root, 'node_modules', name, file),
    join(root, 'node_modules', 'dev-node', 'node_modules', name, file),
  ].find((path) => existsSync(path));
  if (runtime === undefined) {
    process.stderr.write(`phonectl needs Node.js ${WANTED.join('.')} or later; this is ${process.versions.node}.\n`);
    process.exitCode = 1;
    return;
  }
  const child = require('node:child_process').spawn(runtime, [__filename, ...argv], { stdio: 'inherit' });
  // A terminal sends SIGINT and SIGHUP to both of us: the child decides what they mean, and we wait for its answer.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status, signal) => {
    process.exitCode = status === null ? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 9) : status;
  });
}
