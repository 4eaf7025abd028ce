/**
 * Who may import whom (design.md section 2, docs/architecture.md), and the other absences that carry the design. The
 * rules are the tables; the code below them only reads the sources.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { stripComments } from './source.ts';

const SRC = join(import.meta.dirname, '../../src');

/** all: anything. types: `import type` only. lazy: `await import()` or types only. A list: these files, and types. */
type Permission = 'all' | 'types' | 'lazy' | readonly string[];

/** Row imports column. What is not named is forbidden; a room may always import itself. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, Permission>>>> = {
  commands: { cli: 'all', sdk: ['sdk/errors.ts', 'sdk/assets.ts'], domain: 'types' },
  cli: { sdk: 'all', domain: 'all' },
  sdk: {
    domain: 'all',
    vendors: ['vendors/registry.ts', 'vendors/models.ts'],
    store: 'lazy',
    server: 'lazy',
    tasks: 'all',
    net: 'lazy',
    lab: 'lazy',
  },
  server: { sdk: 'all', domain: 'all', vendors: ['vendors/registry.ts', 'vendors/models.ts'] },
  tasks: { sdk: ['sdk/errors.ts', 'sdk/events.ts'], domain: 'all' },
  vendors: { sdk: ['sdk/errors.ts', 'sdk/assets.ts'], domain: 'all', net: 'types' },
  store: { sdk: ['sdk/errors.ts', 'sdk/assets.ts', 'sdk/ports/'], domain: 'all' },
  // It implements the transport port that the drivers are handed.
  net: { sdk: ['sdk/errors.ts'], domain: 'all', vendors: 'types' },
  domain: { sdk: ['sdk/errors.ts'] },
  lab: { domain: 'types' },
};

/** Modules that cost more than they may at start-up: `await import()` only, but for the files that are loaded so. */
const HEAVY: Readonly<Record<string, readonly string[]>> = {
  got: [],
  kysely: ['store/'],
  inquirer: [],
  conf: [],
  ora: [],
  'cli-table3': [],
  yaml: ['vendors/compile.ts'],
  'csv-parse': [],
  'csv-stringify': [],
  'fast-xml-parser': ['vendors/', 'lab/'],
  '@peculiar/x509': ['server/', 'sdk/certificates.ts'],
  'reflect-metadata': ['server/', 'sdk/certificates.ts'],
  'node:http': ['server/', 'net/', 'lab/'],
  'node:https': ['server/', 'net/', 'lab/'],
  'node:tls': ['server/', 'net/', 'lab/'],
  '@oclif/core': [],
};

/** What may touch the process's streams, arguments and exit status. */
const OWNS_PROCESS = ['cli/'];

/** The domain is pure: none of these, and no clock. */
const PURE = ['domain/'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly kind: 'value' | 'type' | 'dynamic';
}

const FILES = globSync('**/*.ts', { cwd: SRC }).sort();
const SOURCES = new Map(FILES.map((file) => [file, stripComments(readFileSync(join(SRC, file), 'utf8'))]));
const IMPORTS = FILES.flatMap((file) => importsOf(file, SOURCES.get(file)!));

function importsOf(file: string, source: string): Import[] {
  const found: Import[] = [];
  for (const match of source.matchAll(/^(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/gm)) {
    found.push({ file, target: match[2]!, kind: match[1] ? 'type' : 'value' });
  }
  for (const match of source.matchAll(/\btypeof\s+import\(\s*'([^']+)'\s*\)/g))
    found.push({ file, target: match[1]!, kind: 'type' });
  for (const match of source.matchAll(/(?<!typeof\s)\bimport\(\s*'([^']+)'\s*\)/g)) {
    found.push({ file, target: match[1]!, kind: 'dynamic' });
  }
  return found.map((one) =>
    one.target.startsWith('.') ? { ...one, target: normalize(join(dirname(file), one.target)) } : one,
  );
}

function room(file: string): string {
  return file.split('/')[0]!;
}

function startsWithAny(file: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => file.startsWith(prefix));
}

function allowed(permission: Permission | undefined, one: Import): boolean {
  if (permission === undefined) return false;
  if (permission === 'all' || one.kind === 'type') return true;
  if (permission === 'lazy') return one.kind === 'dynamic';
  return permission !== 'types' && startsWithAny(one.target, permission);
}

function show(imports: readonly Import[]): string[] {
  return imports.map(({ file, target, kind }) => `${file} → ${target} (${kind})`);
}

function filesWith(pattern: RegExp, exempt: readonly string[]): string[] {
  return FILES.filter((file) => !startsWithAny(file, exempt) && pattern.test(SOURCES.get(file)!));
}

describe('the house', () => {
  it('reads imports: the reader sees every form', () => {
    const source = [
      "import type { A } from './a.ts';",
      "import {\n  b,\n  type C,\n} from '../net/b.ts';",
      "export * from './c.ts';",
      "import 'reflect-metadata';",
      "const d = await import('./d.ts');",
      "let e: typeof import('./e.ts');",
    ].join('\n');
    assert.deepEqual(
      importsOf('sdk/x.ts', source).map(({ target, kind }) => `${target} ${kind}`),
      [
        'sdk/a.ts type',
        'net/b.ts value',
        'sdk/c.ts value',
        'reflect-metadata value',
        'sdk/e.ts type',
        'sdk/d.ts dynamic',
      ],
    );
    assert.ok(IMPORTS.length > 100);
  });

  it('every folder of src is a room of the table', () => {
    assert.deepEqual(
      [...new Set(FILES.map(room))].filter((name) => !(name in ROOMS)),
      [],
    );
  });

  it('rooms import only the rooms that they may', () => {
    const wrong = IMPORTS.filter((one) => {
      if (!FILES.includes(one.target)) return false;
      const [from, to] = [room(one.file), room(one.target)];
      return from !== to && !allowed(ROOMS[from]?.[to], one);
    });
    assert.deepEqual(show(wrong), []);
  });

  it('relative imports name files that exist', () => {
    const broken = IMPORTS.filter(({ target }) => target.endsWith('.ts') && !FILES.includes(target));
    assert.deepEqual(show(broken), []);
  });

  it('a vendor imports no other vendor, and of the room only what is made for all', () => {
    const vendorOf = (file: string): string | undefined => /^vendors\/(\w+)\//.exec(file)?.[1];
    const wrong = IMPORTS.filter(({ file, target }) => {
      const [from, to] = [vendorOf(file), vendorOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    assert.deepEqual(show(wrong), []);
  });

  it('only sdk/lab/ reaches the lab', () => {
    const wrong = IMPORTS.filter(
      ({ file, target }) => room(file) === 'sdk' && room(target) === 'lab' && !file.startsWith('sdk/lab/'),
    );
    assert.deepEqual(show(wrong), []);
  });

  it('a file with a heavy import of its own is itself imported lazily', () => {
    const lazily = Object.values(HEAVY)
      .flat()
      .filter((name) => name.endsWith('.ts'));
    const wrong = IMPORTS.filter(({ target, kind }) => kind === 'value' && lazily.includes(target));
    assert.deepEqual(show(wrong), []);
  });

  it('heavy modules are imported lazily', () => {
    const wrong = IMPORTS.filter(({ file, target, kind }) => {
      if (kind !== 'value') return false;
      const name = Object.keys(HEAVY).find(
        (heavy) => target === heavy || (heavy !== '@oclif/core' && target.startsWith(`${heavy}/`)),
      );
      return name !== undefined && !startsWithAny(file, HEAVY[name]!);
    });
    assert.deepEqual(show(wrong), []);
  });

  it('only the command line knows oclif', () => {
    const wrong = IMPORTS.filter(
      ({ file, target }) => target.startsWith('@oclif/') && !['cli', 'commands'].includes(room(file)),
    );
    assert.deepEqual(show(wrong), []);
  });

  it('built-in modules carry the node: prefix', () => {
    assert.deepEqual(
      show(IMPORTS.filter(({ target }) => builtinModules.includes(target) && !target.startsWith('node:'))),
      [],
    );
  });

  it('only the command line touches the streams, the arguments and the exit status', () => {
    assert.deepEqual(
      filesWith(/\bprocess\.(?:stdout|stdin|stderr|exitCode|argv|exit\()|\bconsole\.\w/, OWNS_PROCESS),
      [],
    );
  });

  it('the domain does no I/O and reads no clock', () => {
    const io = IMPORTS.filter(
      ({ file, target }) => startsWithAny(file, PURE) && target.startsWith('node:') && target !== 'node:crypto',
    );
    assert.deepEqual(show(io), []);
    const clock = FILES.filter(
      (file) =>
        startsWithAny(file, PURE) &&
        /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bprocess\.|\bMath\.random\(/.test(SOURCES.get(file)!),
    );
    assert.deepEqual(clock, []);
  });

  it('what goes into the CJS bundle has no import.meta and no top-level await', () => {
    assert.deepEqual(filesWith(/\bimport\.meta\b/, []), []);
    assert.deepEqual(filesWith(/^(?:const .*= |let .*= |export .*= )?await /m, []), []);
  });

  it('nothing runs a shell', () => {
    assert.deepEqual(filesWith(/\bshell:\s*true\b|\bexecSync\(|[^.\w]exec\(/, []), []);
  });
});
