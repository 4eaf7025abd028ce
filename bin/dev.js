#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// Runs phonectl from the TypeScript source: `bin/dev.js device list`. Needs Node 24.15 or later.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// The package's own `oclif` section names the bundle; from source the commands are found by looking into the folder.
pjson.oclif = {
  ...pjson.oclif,
  commands: { strategy: 'pattern', target: './src/commands', globPatterns: ['**/*.ts'] },
  hooks: { command_not_found: './src/cli/hooks/command-not-found.ts' },
  helpClass: './src/cli/help.ts',
};

const { registerPackageRoot } = await import('../src/sdk/assets.ts');
registerPackageRoot(root);
const { main } = await import('../src/cli/main.ts');
await main(process.argv.slice(2), { root, pjson, ignoreManifest: true });
