/** Questions on a terminal, key by key. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { FIXTURE, startCli } from './harness.ts';

describe('a question', () => {
  it('is not written over by a spinner, and Ctrl-C at it is an interruption', async () => {
    const child = startCli(['reboot', ...'abcdef'], { bin: FIXTURE, tty: { columns: 100 } });
    try {
      let shown = '';
      child.stdout!.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
      });
      while (!shown.includes('go on:')) await once(child.stdout!, 'data', { signal: AbortSignal.timeout(10_000) });
      const asked = shown.length;
      await setTimeout(400);
      assert.doesNotMatch(shown.slice(asked), /Looking at them/);
      child.stdin!.write('\x03');
      const [status] = await once(child, 'close');
      assert.equal(status, 130);
      assert.doesNotMatch(shown, /defect|Error/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
