/** Names of runners, and which of them have died. */
import type { TaskStore } from './action.ts';

/** A name for a runner, unique over processes and time: `host:process:place:random`. */
export function newRunner(): string {
  const { hostname } = process.getBuiltinModule('node:os');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  return `${hostname()}:${process.pid}:${placeOf()}:${randomBytes(8).toString('hex')}`;
}

/**
 * Lets go of what runners held whose process is gone, so that nobody waits for the end of their leases. Known only of
 * processes of this very machine; the phones of others are taken over when their lease is over.
 */
export async function buryTheDead(store: TaskStore): Promise<void> {
  const looked = [...ended];
  const dead = (await store.read.tasks.holders()).filter(isDead);
  if (dead.length > 0) await store.transaction(({ tasks }) => tasks.expire(dead));
  // They hold nothing any more, and never will.
  for (const runner of looked) ended.delete(runner);
}

const ended = new Set<string>();

/** A runner of this process broke off, and nobody renews its leases: the next look lets go of what it held. */
export function noteEnded(runner: string): void {
  ended.add(runner);
}

/** Whether the runner is gone for sure, or its process. A number that another process has by now counts as alive. */
export function isDead(runner: string): boolean {
  if (ended.has(runner)) return true;
  const [, pid = '', place] = runner.split(':');
  if (place === undefined || place === '' || place !== placeOf()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

let place: string | undefined;

/**
 * Where process numbers mean what they mean here: this boot of this kernel, and this namespace of processes (proc(5),
 * pid_namespaces(7)); two containers of one name do not see each other. Empty where that cannot be told.
 */
function placeOf(): string {
  place ??= readPlace();
  return place;
}

function readPlace(): string {
  if (process.platform !== 'linux') return '';
  const { readFileSync, readlinkSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    return createHash('sha256')
      .update(boot + readlinkSync('/proc/self/ns/pid'))
      .digest('hex')
      .slice(0, 12);
  } catch {
    // No /proc, or a hardened one: then leases have to end by themselves.
    return '';
  }
}
