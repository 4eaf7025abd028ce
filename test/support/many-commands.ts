/**
 * Many commands in one process: to start a process for each of some hundred commands takes minutes, to run them milliseconds.
 * For tests that look at what commands say; whatever is about processes, signals or terminals belongs to test/cli/harness.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnv } from '../cli/harness.ts';

export interface ManyRun {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** stdout and stderr call themselves terminals; nothing can be asked all the same. */
  readonly tty?: boolean;
}

export interface ManyResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ManyCommands extends AsyncDisposable {
  /** One at a time. Rejects when the command takes longer than `limit` milliseconds, or ends the process. */
  run(run: ManyRun, limit?: number): Promise<ManyResult>;
}

export function manyCommands(env: Readonly<Record<string, string>>): ManyCommands {
  const child = fork(join(import.meta.dirname, 'many-commands-runner.ts'), {
    env: { ...cleanEnv({ env }), ...binOfTests() },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    run: (asked, limit = 20_000) => answer(child, asked, limit),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function binOfTests(): Readonly<Record<string, string>> {
  const bin = process.env['PHONECTL_TEST_BIN'];
  return bin === undefined ? {} : { PHONECTL_TEST_BIN: bin };
}

async function answer(child: ChildProcess, asked: ManyRun, limit: number): Promise<ManyResult> {
  const words = asked.argv.join(' ');
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error(`${words} did not end within ${limit} ms`))), limit);
    function end(then: () => void): void {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      then();
    }
    const onMessage = (result: unknown): void => end(() => resolve(result as ManyResult));
    const onExit = (): void => end(() => reject(new Error(`${words} ended the process`)));
    child.once('message', onMessage);
    child.once('exit', onExit);
    child.send(asked);
  });
}
