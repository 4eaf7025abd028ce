/** Shows a file in the program that the desktop has for it. */
import { spawn } from 'node:child_process';
import { PhonectlError } from '../sdk/errors.ts';

const OPENERS: Readonly<Record<string, string>> = { darwin: 'open', win32: 'explorer' };

/** Returns at once. Where there is no desktop, the error says so on stderr when the program cannot be started. */
export function openFile(path: string): void {
  const opener = OPENERS[process.platform] ?? 'xdg-open';
  const child = spawn(opener, [path], { detached: true, stdio: 'ignore' });
  child.once('error', (cause) => {
    process.emitWarning(
      new PhonectlError('not_found', `${opener} cannot be started: ${path} is there, open it yourself.`, { cause }),
    );
  });
  child.unref();
}
