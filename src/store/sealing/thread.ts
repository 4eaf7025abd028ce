/** Seals on another processor while the main thread reads and checks the next rows. Answers in the order of the requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { secretBox } from '../secrets.ts';
import type { Reply, Request, ThreadData } from './messages.ts';

const { key } = workerData as ThreadData;
const box = secretBox({ key });

parentPort?.on('message', ({ plains, rows }: Request) => {
  const reply: Reply = plains
    .map((plain, index) => Buffer.from(box.seal(plain, rows[index] ?? '')).toString('base64'))
    .join('\n');
  parentPort?.postMessage(reply);
});
