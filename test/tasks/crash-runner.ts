/**
 * A runner to be killed: executes the run named on the command line. Every command it "sends" is a line in a file, which
 * the test's phones answer by booting. `sent` of the file survives the kill, as a command on the wire does.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { runTask } from '../../src/tasks/runner.ts';
import { CLOCK, QUICK, STRATEGY } from './support.ts';

const [path = '', runId = '', log = ''] = process.argv.slice(2);
const store = openStore({ path });
const { end } = await runTask({
  runId: Number(runId),
  strategy: { ...STRATEGY, concurrency: 8, timeout: 3000 },
  action: {
    repeatable: false,
    attempt: async (deviceId) => {
      appendFileSync(log, `${deviceId}\n`);
      return { outcome: 'accepted', via: 'rest' };
    },
    proof: ({ kind }) => (kind === 'boot' ? 'booted' : undefined),
    // A kill can fall between the note "may have been sent" and the sending; the phone then tells that nothing came.
    probe: async (deviceId) =>
      received(deviceId)
        ? { done: undefined, seen: 'it does not answer' }
        : { done: false, seen: 'it has been up for 9 d' },
  },
  store,
  clock: CLOCK,
  signal: new AbortController().signal,
  pace: QUICK,
});
function received(deviceId: number): boolean {
  return existsSync(log) && readFileSync(log, 'utf8').split('\n').includes(String(deviceId));
}

await store.close();
process.stdout.write(end);
