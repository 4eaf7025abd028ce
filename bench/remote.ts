/**
 * `device import` of a large file by the built command line: to a home here, and through the API to a server; in turns. And
 * the memory that the client and the server take for it, beside that for a tenth of the rows (issue 6, acceptance 3).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inFolder, writeDeviceFile } from './device-file.ts';
import { interleaved, type Measurement } from './harness.ts';

const ROWS = Number(process.env['PHONECTL_BENCH_ROWS'] ?? 100_000);
const ROUNDS = ROWS > 200_000 ? 1 : 3;
/** MB, as of a local import (issue 2 section 7). */
const MEMORY = 300;
const BIN = join(import.meta.dirname, '../bin/run.js');

type Env = Readonly<Record<string, string>>;

export async function run(): Promise<Measurement[]> {
  return await inFolder(async (folder) => {
    const [large, small] = [join(folder, 'large.csv'), join(folder, 'small.csv')];
    await writeDeviceFile(large, ROWS);
    await writeDeviceFile(small, ROWS / 10);
    let homes = 0;
    async function newHome(): Promise<Env> {
      homes += 1;
      const env = { PHONECTL_HOME: join(folder, `home-${homes}`) };
      await phonectl(['init', '--company', 'Bench', '--url', 'https://127.0.0.1:8443', '--yes'], env);
      return env;
    }
    async function overThere(file: string, rows: number): Promise<{ time: number; client: number; server: number }> {
      await using server = await serve(await newHome(), folder);
      return { ...(await importFile(file, rows, server.env)), server: peak(server.child) };
    }
    const far: Awaited<ReturnType<typeof overThere>>[] = [];
    const times = await interleaved(
      {
        here: async () => (await importFile(large, ROWS, await newHome())).time,
        there: async () => {
          far.push(await overThere(large, ROWS));
          return far.at(-1)!.time;
        },
      },
      ROUNDS,
    );
    const little = await overThere(small, ROWS / 10);
    const most = (side: 'client' | 'server'): number => Math.max(...far.map((one) => one[side]));
    const memory = (side: 'client' | 'server'): Measurement => ({
      name: `  peak memory of the ${side}`,
      ratio: most(side) / MEMORY,
      reference: `${MEMORY} MB`,
      goal: 1,
      note: `${most(side).toFixed(0)} MB; for ${ROWS / 10} rows ${little[side].toFixed(0)} MB`,
    });
    return [
      {
        name: `import of ${ROWS} devices through the API`,
        ratio: times.there / times.here,
        reference: 'the same command here',
        goal: 1.5,
        note: `${times.there.toFixed(0)} ms / ${times.here.toFixed(0)} ms`,
      },
      memory('client'),
      memory('server'),
    ];
  });
}

/** Imports a file that nobody has seen. Milliseconds, and MB that the command took at most. */
async function importFile(file: string, rows: number, env: Env): Promise<{ time: number; client: number }> {
  const start = performance.now();
  let client = 0;
  const output = await phonectl(['device', 'import', file, '--json'], env, (child) => {
    client = Math.max(client, peak(child));
  });
  const { summary } = JSON.parse(output) as { summary: { created: number } };
  if (summary.created !== rows) throw new Error(JSON.stringify(summary));
  return { time: performance.now() - start, client };
}

/** Runs a command to its end; `look` sees it four times a second. */
async function phonectl(argv: readonly string[], env: Env, look?: (child: ChildProcess) => void): Promise<string> {
  const child = start(argv, env);
  const output: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => output.push(chunk));
  const timer = setInterval(() => look?.(child), 250);
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (status !== 0) throw new Error(`phonectl ${argv.join(' ')} ended with ${status}`);
  return Buffer.concat(output).toString();
}

function start(argv: readonly string[], env: Env): ChildProcess {
  return spawn(process.execPath, [BIN, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

interface Server extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Sends commands there. */
  readonly env: Env;
}

async function serve(home: Env, folder: string): Promise<Server> {
  const { id, secret } = JSON.parse(await phonectl(['key', 'create', 'bench', '--role', 'super', '--json'], home)) as {
    id: string;
    secret: string;
  };
  const listen = ['--listen', '127.0.0.1:0', '--api-listen', '127.0.0.1:0'];
  const child = start(['serve', '--json', '--without-account', ...listen], home);
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const { listening } = JSON.parse(line) as { listening: { kind: string; address: string }[] };
  const address = listening.find(({ kind }) => kind === 'api')?.address ?? '';
  return {
    child,
    env: {
      PHONECTL_HOME: join(folder, 'no-home-here'),
      PHONECTL_SERVER: address.startsWith('https://') ? address : `https://${address}`,
      PHONECTL_CA: join(home['PHONECTL_HOME']!, 'tls/ca.pem'),
      PHONECTL_KEY_ID: id,
      PHONECTL_KEY_SECRET: secret,
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** MB that a process took at most so far: the kernel's own mark. 0 where there is no such thing, or no such process. */
function peak({ pid }: ChildProcess): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return 0;
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) / 1024;
}
