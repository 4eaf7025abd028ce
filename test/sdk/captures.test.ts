import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { unpacked } from '../../src/sdk/captures/unpack.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';

describe('sdk: captures that phones packed', () => {
  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('what is not packed comes out as it is, whatever the pieces', async () => {
    for (const size of [1, 7, 70_000]) {
      const bytes = Buffer.alloc(1000, 'x');
      assert.deepEqual(Buffer.concat(await Array.fromAsync(unpacked(pieces(bytes, size)))), bytes);
    }
    assert.deepEqual(await Array.fromAsync(unpacked(pieces(Buffer.alloc(0), 1))), []);
  });

  it('gzip alone is unpacked; what did not arrive whole says so', async () => {
    const packed = gzipSync(Buffer.alloc(100_000, 'x'));
    assert.equal(Buffer.concat(await Array.fromAsync(unpacked(pieces(packed, 13)))).length, 100_000);
    await assert.rejects(
      Array.fromAsync(unpacked(pieces(packed.subarray(0, 60), 13))),
      (error) => isPhonectlError(error) && error.code === 'invalid_file',
    );
  });
});
