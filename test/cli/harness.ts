/**
 * Runs the command line as users do: a child process with argv, streams and an environment of its own.
 *
 * From source (bin/dev.js) by default; with PHONECTL_TEST_BIN=run the built bundle (bin/run.js), as `npm test` does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goesRemote, remoteEnv, withoutTarget } from '../support/remote-cli.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** The script under test. */
export const BIN = join(ROOT, 'bin', process.env['PHONECTL_TEST_BIN'] === 'run' ? 'run.js' : 'dev.js');

export interface RunOptions {
  /** PHONECTL_HOME; without it an empty place is used, never the user's own. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped into stdin; by default stdin is at its end from the start. */
  readonly stdin?: string;
  /** Runs on a pseudo-terminal of this size (through `script`); stdout and stderr then come together. */
  readonly tty?: { readonly columns: number; readonly rows?: number };
  readonly cwd?: string;
  /** The script to run instead of {@link BIN}. */
  readonly bin?: string;
  /** Milliseconds until the child is killed and the run fails; 20,000 by default. */
  readonly timeout?: number;
}

export interface RunResult {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A small command line on the kit (test/cli/fixture), for what every command gets from it. */
export const FIXTURE = join(import.meta.dirname, 'fixture/bin.ts');

/** The environment of a run: nothing of the developer's settings leaks in. */
export function cleanEnv(options: RunOptions = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith('PHONECTL_') &&
      !['CI', 'NO_COLOR', 'FORCE_COLOR', 'NODE_OPTIONS', 'NODE_V8_COVERAGE'].includes(name),
  );
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    PHONECTL_HOME: options.home ?? '/nonexistent/phonectl-test-home',
    XDG_CONFIG_HOME: '/nonexistent/phonectl-test-config',
    TERM: 'xterm-256color',
    ...options.env,
  };
}

/** Starts the command line and leaves the streams to the caller. */
export function startCli(argv: readonly string[], options: RunOptions = {}): ChildProcess {
  const bin = options.bin ?? BIN;
  const [file, args] = options.tty ? onTerminal(bin, argv, options.tty) : [process.execPath, [bin, ...argv]];
  return spawn(file, args, { cwd: options.cwd ?? ROOT, env: cleanEnv(options), stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs one command to its end. */
export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return await run(argv, options, (there) => startCli(argv, there));
}

/** Runs lines for bash, in which `phonectl` is the command line under test. */
export async function runShell(script: string, options: RunOptions = {}): Promise<RunResult> {
  const phonectl = `phonectl() { ${quote(process.execPath)} ${quote(BIN)} "$@"; }`;
  return await run(['shell'], options, (there) => {
    return spawn('bash', ['-c', `${phonectl}\n${script}`], { env: cleanEnv(there), stdio: ['pipe', 'pipe', 'pipe'] });
  });
}

/** Starts a process where PHONECTL_TEST_REMOTE sends it, and waits for its end. */
async function run(
  argv: readonly string[],
  options: RunOptions,
  start: (options: RunOptions) => ChildProcess,
): Promise<RunResult> {
  const flag = argv.indexOf('--home');
  const home = (flag === -1 ? undefined : argv[flag + 1]) ?? options.home ?? options.env?.['PHONECTL_HOME'];
  if (options.bin !== undefined || !goesRemote(argv, home)) return await ending(start(options), argv, options);
  const { home: _, ...rest } = options;
  const { XDG_CONFIG_HOME: configuration, ...env } = options.env ?? {};
  const there = { ...rest, env: { ...env, ...(await remoteEnv(home, configuration)) } };
  const result = await ending(start(there), argv, there);
  return { ...result, stderr: withoutTarget(result.stderr) };
}

async function ending(child: ChildProcess, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that does not read its stdin may end before we have written it.
  child.stdin!.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  if (options.tty === undefined) child.stdin!.end(options.stdin ?? '');
  else if (options.stdin !== undefined) child.stdin!.write(options.stdin);
  const limit = options.timeout ?? 20_000;
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`phonectl ${argv.join(' ')} did not end within ${limit} ms`));
    }, limit);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      child.stdin!.destroy();
      resolve({ status, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** `script` gives the child a pseudo-terminal and passes its exit status on. */
function onTerminal(
  bin: string,
  argv: readonly string[],
  size: { columns: number; rows?: number },
): [string, string[]] {
  const command = [process.execPath, bin, ...argv].map(quote).join(' ');
  const set = `stty cols ${size.columns} rows ${size.rows ?? 24}`;
  return ['script', ['-qefc', `${set}; exec ${command}`, '/dev/null']];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A folder that is removed after the callback. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
