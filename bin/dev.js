#!/usr/bin/env node
// Runs phonectl from the TypeScript source: `bin/dev.js device list`. Needs Node 24.15 or later.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = dirname(__dirname);
const commands = join(root, 'src', 'commands');
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The file of the command that is called, relative to src/commands; undefined for topics, typing errors and help. */
function calledFile(argv) {
  const end = argv.findIndex((argument) => argument.startsWith('-'));
  const words = end === -1 ? argv : argv.slice(0, end);
  for (let length = words.length; length > 0; length -= 1) {
    const file = `${words.slice(0, length).join('/')}.ts`;
    if (existsSync(join(commands, file))) return file;
  }
  return undefined;
}

async function start(argv) {
  // Without a manifest oclif loads every command to know them all. That is only needed by those that speak of all.
  const file = calledFile(argv);
  const needsAll = file === undefined || ['help.ts', 'commands.ts', 'complete.ts'].includes(file);
  // oclif hides what is wrong with a command that cannot be loaded, and then says that there is none.
  if (!needsAll) await import(pathToFileURL(join(commands, file)).href);
  // The package's own `oclif` section names the bundle.
  const oclif = {
    ...pjson.oclif,
    commands: { strategy: 'pattern', target: './src/commands', globPatterns: needsAll ? ['**/*.ts'] : [file] },
    hooks: { command_not_found: './src/cli/hooks/command-not-found.ts' },
    helpClass: './src/cli/help.ts',
  };
  const { registerPackageRoot } = await import('../src/sdk/assets.ts');
  registerPackageRoot(root);
  const { main } = await import('../src/cli/main.ts');
  await main(argv, { root, pjson: { ...pjson, oclif }, ignoreManifest: true });
}

module.exports = { start };
if (require.main === module) start(process.argv.slice(2));
