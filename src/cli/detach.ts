/** Running a command of ours in the background. */
import { isPhonectlError, PhonectlError } from '../sdk/errors.ts';
import type { Phonectl } from '../sdk/index.ts';
import type { LabReport } from '../sdk/lab/remote.ts';

/** How long a lab may take to open its sockets, and then to have every phone running. Milliseconds. */
const READY_WITHIN = 60_000;
const RUNNING_WITHIN = 600_000;

export interface DetachedLab {
  readonly phones: number;
  readonly running: number;
  readonly pid: number;
  readonly seconds: number;
}

/** Starts `lab start` with the same arguments in a process of its own; its words go to `<home>/run/lab.log`. */
export async function detachLab(
  phonectl: Phonectl,
  argv: readonly string[],
  options: { readonly wait: boolean; readonly signal: AbortSignal },
): Promise<DetachedLab> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { closeSync, mkdirSync, openSync, readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname } = process.getBuiltinModule('node:path');
  if ((await report(phonectl)) !== undefined) {
    throw new PhonectlError('conflict', 'A lab of this home is running already.', {
      hints: ['Look at it with `phonectl lab status`, end it with `phonectl lab stop`.'],
    });
  }
  const log = await phonectl.simulator.logFile();
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const file = openSync(log, 'w', 0o600);
  const started = Date.now();
  const rest = argv.filter((argument) => argument !== '--detach' && argument !== '--wait');
  const child = spawn(process.execPath, [process.argv[1]!, 'lab', 'start', ...rest], {
    detached: true,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  let exited = false;
  child.on('exit', () => {
    exited = true;
  });
  child.unref();

  for (;;) {
    const now = await report(phonectl);
    const running = now?.phones.filter(({ state }) => state === 'running').length ?? 0;
    const ready = now !== undefined && now.phones.length > 0 && (!options.wait || running === now.phones.length);
    const seconds = (Date.now() - started) / 1000;
    if (ready) return { phones: now.phones.length, running, pid: now.pid, seconds };
    if (exited) {
      throw new PhonectlError('conflict', `The lab did not start. ${readFileSync(log, 'utf8').trim()}`);
    }
    if (Date.now() - started > (now === undefined ? READY_WITHIN : RUNNING_WITHIN)) {
      throw new PhonectlError('timeout', `${running} of ${now?.phones.length ?? 0} phones run so far.`, {
        hints: ['See why: phonectl lab status --filter state=unprovisioned', `Its words: ${log}`],
      });
    }
    options.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function report(phonectl: Phonectl): Promise<LabReport | undefined> {
  try {
    return await phonectl.simulator.status();
  } catch (error) {
    if (isPhonectlError(error) && error.code === 'not_found') return undefined;
    throw error;
  }
}
