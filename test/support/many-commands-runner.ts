/**
 * The other side of many-commands.ts: runs one command after another in this process, each with streams, environment and
 * exit status of its own, as far as a process can give them.
 */

import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { ManyResult, ManyRun } from './many-commands.ts';

const ROOT = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
// Every command listens to signals and to the end of the streams again.
process.setMaxListeners(0);
const own = { ...process.env };
const start = starter();

/** The way in of bin/run.js or of bin/dev.js, as PHONECTL_TEST_BIN says. */
function starter(): (argv: readonly string[]) => Promise<void> {
  if (process.env['PHONECTL_TEST_BIN'] !== 'run') {
    return (require(join(ROOT, 'bin/dev.js')) as { start(argv: readonly string[]): Promise<void> }).start;
  }
  const pjson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as unknown;
  const { loadBundle } = require(join(ROOT, 'bin/bundle.js')) as {
    loadBundle(path: string): { start(argv: readonly string[], root: string, pjson: unknown): Promise<void> };
  };
  const bundle = loadBundle(join(ROOT, 'dist/cli.cjs'));
  return (argv) => bundle.start(argv, ROOT, pjson);
}

/** A stream that keeps what is written into it, and looks like a terminal where one is wanted. */
class Kept extends Writable {
  readonly isTTY: boolean;
  readonly columns = 120;
  readonly rows = 60;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  getWindowSize(): [number, number] {
    return [this.columns, this.rows];
  }

  // What spinners call on a terminal; it matters only what was written.
  cursorTo(): boolean {
    return true;
  }
  clearLine(): boolean {
    return true;
  }
  moveCursor(): boolean {
    return true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function replace(name: 'stdin' | 'stdout' | 'stderr', value: unknown): void {
  Object.defineProperty(process, name, { value, configurable: true });
}

async function run({ argv, env, stdin, tty }: ManyRun): Promise<ManyResult> {
  const [stdout, stderr] = [new Kept(tty ?? false), new Kept(tty ?? false)];
  replace('stdin', Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]));
  replace('stdout', stdout);
  replace('stderr', stderr);
  // Node's own keeps the streams that it has met first.
  globalThis.console = new Console(stdout, stderr);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, own, env);
  process.exitCode = undefined;
  await start(argv);
  const status = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { status, stdout: stdout.text, stderr: stderr.text };
}

process.on('message', (asked: ManyRun) => {
  void run(asked).then((result) => process.send!(result));
});
