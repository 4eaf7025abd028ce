/** The phones of `control.ts`, in a process of their own: one HTTPS server on every loopback address. */
import { createServer } from 'node:https';
import { selfSigned } from '../test/net/fake-phone.ts';

export const LATENCY = 200;

const ANSWER = JSON.stringify({
  data: { ModelNumber: 'VVX 450', UpTimeSinceLastReboot: '3 Day 04:12:55' },
  Status: '2000',
});

if (process.send !== undefined) {
  const server = createServer(await selfSigned('0004F2ABCDEF'), (incoming, response) => {
    setTimeout(() => {
      // /digest challenges as Edge phones do; whether the answer is right is not what is measured.
      if (incoming.url === '/digest' && incoming.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Digest realm="phone", nonce="n", qop="auth", algorithm=MD5' });
      }
      response.end(ANSWER);
    }, LATENCY);
  });
  server.listen(0, '0.0.0.0', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) process.send?.(address.port);
  });
}
