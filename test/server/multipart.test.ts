import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boundaryOf, filePart } from '../../src/server/multipart.ts';

const BOUNDARY = '----lab00562b000001';

function form(content: Buffer, boundary = BOUNDARY): Buffer {
  const field = (name: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="prt_file"; filename="p.tar.gz"\r\nContent-Type: application/gzip\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(`${field('devicename', 'SEP00562B000001')}${field('username', '')}${head}`),
    content,
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="after"; filename="x"\r\n\r\nmore\r\n--${boundary}--\r\n`,
    ),
  ]);
}

async function* pieces(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function read(body: Buffer, size: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(filePart(pieces(body, size), BOUNDARY)));
}

describe('server: forms with a file', () => {
  it('RFC 7578: the boundary, quoted or not; other types have none', () => {
    assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc');
    assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"'), 'a b');
    for (const type of [undefined, 'application/gzip', 'multipart/form-data', 'multipart/mixed; boundary=abc'])
      assert.equal(boundaryOf(type), undefined);
  });

  it('the file comes out as it went in, whatever the pieces', async () => {
    const byte = fc.oneof(fc.constantFrom(13, 10, 45), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { maxLength: 300 }), fc.integer({ min: 1, max: 120 }), async (content, size) => {
        assert.deepEqual(await read(form(Buffer.from(content)), size), Buffer.from(content));
      }),
      { numRuns: 200 },
    );
  });

  it('a form without a file, one that never begins, one that breaks off', async () => {
    const none = Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--${BOUNDARY}--\r\n`,
    );
    assert.equal((await read(none, 7)).length, 0);
    assert.equal((await read(Buffer.alloc(100_000, 'x'), 1_000)).length, 0);
    assert.equal((await read(Buffer.from(`--${BOUNDARY}\r\n${'h'.repeat(20_000)}`), 512)).length, 0);
    const whole = form(Buffer.from('content'));
    assert.ok((await read(whole.subarray(0, whole.indexOf('content') + 4), 3)).length <= 4);
  });
});
