/**
 * Loaded into a phonectl process before anything else (`NODE_OPTIONS=--import`): the process kills itself at a commit of
 * the store, and notes each commit that it makes. Which one: `PHONECTL_TORTURE_DEATH=thread:before|after:number`.
 */
import { appendFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';

const [thread, where, number] = (process.env['PHONECTL_TORTURE_DEATH'] ?? '').split(':');
const notes = process.env['PHONECTL_TORTURE_COMMITS'];
const own = isMainThread ? 'main' : 'worker';
const { exec } = DatabaseSync.prototype;
let commits = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal comes at the next turn of the kernel; nothing of ours may run meanwhile.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (sql !== 'COMMIT') {
    exec.call(this, sql);
    return;
  }
  commits += 1;
  const last = own === thread && commits === Number(number);
  if (last && where === 'before') die();
  exec.call(this, sql);
  if (notes !== undefined) appendFileSync(notes, `${own}\n`);
  if (last && where === 'after') die();
};
