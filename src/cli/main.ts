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
  let context: ParseContext | undefined;
  try {
    const { applyPreferences } = await import('./preferences.ts');
    applyPreferences(process.env);
    await runOclif([...argv], options, (known) => {
      context = known;
    });
    await interrupted();
  } catch (error) {
    await report(error, argv, context);
  }
}

async function runOclif(argv: string[], options: MainOptions, learn: (context: ParseContext) => void): Promise<void> {
  const [{ run }, { Config }, { settings }] = await Promise.all([
    import('@oclif/core/run'),
    import('@oclif/core/config'),
    import('@oclif/core/settings'),
  ]);
  settings.enableAutoTranspile = false;
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  const { TOPICS } = await import('./topics.ts');
  const topics = Object.fromEntries(Object.entries(TOPICS).map(([name, description]) => [name, { description }]));
  const config = await Config.load({
    root: options.root,
    pjson: { ...options.pjson, oclif: { ...options.pjson.oclif, topics } },
    ignoreManifest: options.ignoreManifest ?? false,
  });
  const { findCommand } = await import('./find.ts');
  const found = findCommand(argv, config);
  if (found) learn(found);
  await run(argv, config);
}

// Whoever writes gets the same error through its callback; without a listener Node would end the process first.
function ignore(): void {}

async function interrupted(): Promise<void> {
  const { interruptedExit } = await import('./session.ts');
  const status = interruptedExit();
  if (status !== undefined) process.exitCode = status;
}

async function report(error: unknown, argv: readonly string[], context: ParseContext | undefined): Promise<void> {
  if (error instanceof OutputClosed) return;
  if (isCleanExit(error)) return;
  const { interruptedExit } = await import('./session.ts');
  const status = interruptedExit();
  if (status !== undefined) {
    process.exitCode = status;
    return;
  }
  const { errorJson, errorText, toPhonectlError, wantsJson } = await import('./errors.ts');
  const known = toPhonectlError(error, context);
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
