/** What `serve` received by syslog of a device: the last lines, and those that come. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { isSystemError } from '../system-error.ts';
import { redactorFor } from './redact.ts';

/** Milliseconds between two looks for new lines. */
const EVERY = 500;
/** Of the newest file so much is read to find the last lines. Bytes. */
const TAIL = 262_144;

/** Yields the last `lines`, and with `follow` what comes until the signal aborts; without secrets unless `showSecrets`. */
export async function* syslogLines(
  context: OperationContext,
  input: {
    readonly device: string;
    readonly lines: number;
    readonly follow: boolean;
    readonly showSecrets: boolean;
  },
): AsyncGenerator<string> {
  const device = await resolveDevice(context, input.device);
  const redactor = input.showSecrets ? undefined : await redactorFor(context, device);
  const folder = context.home.file('logs', String(device.id));
  for await (const line of rawLines(folder, input, context.signal)) yield redactor?.text(line) ?? line;
}

async function* rawLines(
  folder: string,
  input: { readonly lines: number; readonly follow: boolean },
  signal: AbortSignal,
): AsyncGenerator<string> {
  let name = await newest(folder);
  let start = 0;
  if (name !== undefined) {
    const { text, end } = await readFrom(join(folder, name), -TAIL);
    start = end;
    const last = text.split('\n').filter((line) => line !== '');
    if (input.lines > 0) yield* last.slice(-input.lines);
  }
  while (input.follow && !signal.aborted) {
    if (!(await rested(signal))) return;
    const today = await newest(folder);
    if (today !== name) {
      name = today;
      start = 0;
    }
    if (name === undefined) continue;
    const { text, end } = await readFrom(join(folder, name), start);
    start = end;
    yield* text.split('\n').filter((line) => line !== '');
  }
}

/** False when the signal ended the pause. */
async function rested(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(EVERY, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

async function newest(folder: string): Promise<string | undefined> {
  try {
    return (await readdir(folder))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whole lines from a place, counted from the end when negative; `end` is where the next look begins. */
async function readFrom(path: string, from: number): Promise<{ readonly text: string; readonly end: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = from < 0 ? Math.max(0, size + from) : from;
    const bytes = Buffer.alloc(Math.max(0, size - start));
    await file.read(bytes, 0, bytes.length, start);
    const whole = bytes.lastIndexOf(10) + 1;
    return { text: bytes.toString('utf8', 0, whole), end: start + whole };
  } finally {
    await file.close();
  }
}
