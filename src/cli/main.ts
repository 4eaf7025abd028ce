/** The command line from argv to exit status. The bin scripts call it and do nothing else. */
import type { Interfaces } from '@oclif/core';
import type { ParseContext } from './errors.ts';
import { OutputClosed } from './output/sink.ts';

export interface MainOptions {
  /** Folder that holds package.json. */
  readonly root: string;
  /** package.json, with the `oclif` section to use. */
  readonly pjson: Interfaces.PJSON;
  /** From source: look for the commands, since the manifest may be older. */
  readonly ignoreManifest?: boolean;
}

/** Runs one command. Sets process.exitCode; never throws. */
export async function main(argv: readonly string[], options: MainOptions): Promise<void> {
  // The shortest path there is: scripts call it, and nothing of oclif is needed for it.
  if (argv[0] === '--version') {
    process.stdout.write(`phonectl ${options.pjson.version}\n`);
    return;
  }
  const { handleSignals } = await import('./session.ts');
  handleSignals();
  try {
    const { applyPreferences } = await import('./preferences.ts');
    applyPreferences(process.env);
    await runOclif([...argv], options);
    await interrupted();
  } catch (error) {
    await report(error, argv, options);
  }
}

async function runOclif(argv: string[], options: MainOptions): Promise<void> {
  const [{ run }, { settings }, { findCommand }] = await Promise.all([
    import('@oclif/core/run'),
    import('@oclif/core/settings'),
    import('./find.ts'),
  ]);
  settings.enableAutoTranspile = false;
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  if (!options.ignoreManifest && !needsManifest(argv)) {
    const config = await loadConfig(options, 'names');
    if (findCommand(argv, config) !== undefined) {
      await run(argv, config);
      return;
    }
  }
  await run(argv, await loadConfig(options, 'everything'));
}

/** Commands and flags that tell of other commands. */
const TELLING: ReadonlySet<string> = new Set(['help', 'commands', 'complete', 'completion', '--help', '-h']);

function needsManifest(argv: readonly string[]): boolean {
  return TELLING.has(argv[0] ?? '') || argv.some((argument) => argument === '--help' || argument === '-h');
}

/**
 * What oclif knows of the commands. Running one takes their names; the manifest with every flag of every command is
 * 800 KB, and reading it costs as much as all the rest of the start. The build writes both.
 */
async function loadConfig(options: MainOptions, knowing: 'names' | 'everything'): Promise<Interfaces.Config> {
  const [{ Config }, { TOPICS }] = await Promise.all([import('@oclif/core/config'), import('./topics.ts')]);
  const topics = Object.fromEntries(Object.entries(TOPICS).map(([name, description]) => [name, { description }]));
  const { join } = process.getBuiltinModule('node:path');
  const oclif = { ...options.pjson.oclif, topics };
  return await Config.load({
    root: knowing === 'names' ? join(options.root, ...NAMES) : options.root,
    pjson: { ...options.pjson, oclif: knowing === 'names' ? fromNames(oclif) : oclif },
    ignoreManifest: options.ignoreManifest ?? false,
  });
}

/** Folder of the manifest that holds names only. */
const NAMES = ['dist', 'names'];

/** The `oclif` section of package.json as it reads from there: paths to the bundle go up instead of down. */
function fromNames<T>(section: T): T {
  return JSON.parse(JSON.stringify(section).replaceAll('"./dist/', '"../'));
}

// Whoever writes gets the same error through its callback; without a listener Node would end the process first.
function ignore(): void {}

async function interrupted(): Promise<void> {
  const { interruptedExit } = await import('./session.ts');
  const status = interruptedExit();
  if (status !== undefined) process.exitCode = status;
}

async function report(error: unknown, argv: readonly string[], options: MainOptions): Promise<void> {
  if (error instanceof OutputClosed) return;
  if (isCleanExit(error)) return;
  const { interruptedExit } = await import('./session.ts');
  const status = interruptedExit();
  if (status !== undefined) {
    process.exitCode = status;
    return;
  }
  const { errorJson, errorText, toPhonectlError, wantsJson } = await import('./errors.ts');
  const known = toPhonectlError(error, await contextOf(error, argv, options));
  process.exitCode = known.exitCode;
  if (wantsJson(argv, process.env)) {
    process.stderr.write(`${errorJson(known)}\n`);
    return;
  }
  const { detectTerminal } = await import('./terminal.ts');
  const { stderrStyle } = await import('./style.ts');
  const never = argv.includes('--no-color');
  const terminal = detectTerminal(process, process.env, { colour: never ? 'never' : 'auto' });
  const debug = Boolean(process.env['PHONECTL_DEBUG']);
  process.stderr.write(`${errorText(known, stderrStyle(terminal), debug).join('\n')}\n`);
}

/** The command that was meant, for errors of oclif's parser: they name flags that are near. */
async function contextOf(
  error: unknown,
  argv: readonly string[],
  options: MainOptions,
): Promise<ParseContext | undefined> {
  const { isPhonectlError } = await import('../sdk/errors.ts');
  if (isPhonectlError(error)) return undefined;
  const { findCommand } = await import('./find.ts');
  return findCommand(argv, await loadConfig(options, 'everything'));
}

/** oclif ends `--help` by throwing an exit of 0. */
function isCleanExit(error: unknown): boolean {
  return (
    error instanceof Error &&
    'oclif' in error &&
    typeof error.oclif === 'object' &&
    error.oclif !== null &&
    'exit' in error.oclif &&
    error.oclif.exit === 0
  );
}
