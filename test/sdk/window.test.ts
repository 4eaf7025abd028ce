import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inPieces, inWindow } from '../../src/sdk/control/window.ts';

describe('sdk: the same work for many', () => {
  it('never more at a time than it may, and a slow one holds up nobody', async () => {
    let running = 0;
    let most = 0;
    const order: number[] = [];
    for await (const { item } of inWindow([0, 1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(item === 0 ? 60 : 2);
      running -= 1;
      return { item };
    }))
      order.push(item);
    assert.equal(most, 3);
    assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(order.at(-1), 0);
  });

  it('who reads slowly is not flooded', async () => {
    let begun = 0;
    const results = inWindow([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun += 1;
      return { item };
    });
    await results.next();
    await sleep(5);
    assert.ok(begun <= 3, `${begun} begun for one that was read`);
    await results.return(undefined);
  });

  it('in pieces: all that came since the last one was read, and never more than wanted', async () => {
    const pieces = inPieces([1, 2, 3, 4, 5], 5, async (item) => ({ item }), 3);
    const first = await pieces.next();
    assert.ok(first.done === false && first.value.length <= 3);
    await sleep(5);
    const rest = await Array.fromAsync(pieces);
    assert.equal(first.value.length + rest.flat().length, 5);
    assert.ok(rest.every((piece) => piece.length > 0 && piece.length <= 3));
    assert.ok(rest.length <= 2, 'what is ready comes together');
  });

  it('an error ends it', async () => {
    const results = inWindow([1, 2], 1, async (item) => {
      if (item === 2) throw new RangeError('two');
      return { item };
    });
    await assert.rejects(Array.fromAsync(results), RangeError);
  });
});
