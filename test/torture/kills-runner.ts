/**
 * A runner to be killed: executes the run named on the command line. Every command it "sends" is a line in a file, which
 * the harness's phones answer by booting; the line survives the kill, as a command on the wire does. With a number of
 * writes it kills itself at that commit of the store: before it, after it, or between the note and the sending. What it
 * was told to be on disk, it acknowledges in another file.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { openStore, type SqliteStore } from '../../src/store/store.ts';
import { buryTheDead } from '../../src/tasks/owner.ts';
import { runTask } from '../../src/tasks/runner.ts';
import { CLOCK, STRATEGY } from '../tasks/support.ts';
import { BOOT, DYING } from './dying.ts';

const [path = '', runId = '', log = '', acknowledged = '', where = 'never', writes = '0'] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal comes at the next turn of the kernel; nothing of ours may run meanwhile.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

/** The store, in which the process dies at a commit. */
function deadly(store: SqliteStore): Pick<SqliteStore, 'read' | 'transaction'> {
  let commits = 0;
  return {
    read: store.read,
    async transaction(work) {
      commits += 1;
      const last = commits === Number(writes);
      const result = await store.transaction(async (repositories) => {
        const made = await work(repositories);
        // Nothing is committed yet: the next runner finds what was before.
        if (last && where === 'before') die();
        return made;
      });
      if (last && where === 'after') die();
      return result;
    },
  };
}

async function run(): Promise<void> {
  let sent = 0;
  const store = openStore({ path });
  store.raw.writer.exec('PRAGMA synchronous = OFF');
  // As `serve` does: nobody waits for the lease of a process that is gone.
  await buryTheDead(store);
  const { end } = await runTask({
    runId: Number(runId),
    // Each death uses up a try of what was in flight; that is not what is tested here.
    strategy: { ...STRATEGY, concurrency: 8, attempts: 20, timeout: 1000 },
    action: {
      repeatable: false,
      async attempt(deviceId) {
        sent += 1;
        if (where === 'unsent' && sent === Number(writes)) die();
        appendFileSync(log, `${deviceId} ${Date.now()}\n`);
        if (where === 'sent' && sent === Number(writes)) die();
        return { outcome: 'accepted', via: 'rest' };
      },
      proof: ({ kind }) => (kind === 'boot' ? 'booted' : undefined),
      // A kill can fall between the note "may have been sent" and the sending; the phone then tells that nothing came.
      probe: async (deviceId) => {
        const since = received(deviceId);
        if (since === undefined) return { done: false, seen: 'it has been up for 9 d' };
        return Date.now() - since < BOOT
          ? { done: undefined, seen: 'it does not answer' }
          : { done: true, evidence: 'it has been up for 0 s' };
      },
    },
    store: deadly(store),
    clock: CLOCK,
    signal: new AbortController().signal,
    pace: DYING,
    onEvent: ({ deviceId, state }) => appendFileSync(acknowledged, `${deviceId} ${state}\n`),
  });
  await store.close();
  if (end !== 'done') throw new Error(`the run ended ${end}`);
}

/** When the phone got the command, if it did. */
function received(deviceId: number): number | undefined {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const line = lines.findLast((each) => each.startsWith(`${deviceId} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

void run();
