/** A mail server on loopback that keeps what it is given (RFC 5321, as much as a sender needs of it). */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
  readonly secure: boolean;
  /** `user:password`, as it came. */
  readonly login: string | undefined;
}

export interface MailHost extends AsyncDisposable {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Refuses recipients with this answer, such as `550 no such user`. */
  refuse: string | undefined;
}

export interface MailHostOptions {
  /** Offers STARTTLS with this certificate. */
  readonly identity?: { readonly key: string; readonly cert: string; readonly passphrase: string };
}

export async function startMailHost({ identity }: MailHostOptions = {}): Promise<MailHost> {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  const host = { refuse: undefined as string | undefined };

  function converse(socket: Socket, secure: boolean): void {
    let [from, data, buffered] = ['', '', ''];
    let to: string[] = [];
    let login: string | undefined;
    let reading = false;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    function command(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        say('250-test');
        if (identity !== undefined && !secure) say('250-STARTTLS');
        say('250 AUTH PLAIN');
      } else if (verb === 'STAR' && identity !== undefined) {
        say('220 go ahead');
        socket.removeAllListeners('data');
        const safe = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(identity) });
        safe.on('error', () => safe.destroy());
        converse(safe, true);
      } else if (verb === 'AUTH') {
        login = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0')
          .slice(1)
          .join(':');
        say('235 good');
      } else if (verb === 'MAIL') {
        from = /<(.*)>/.exec(line)![1]!;
        say('250 ok');
      } else if (verb === 'RCPT') {
        if (host.refuse === undefined) to = [...to, /<(.*)>/.exec(line)![1]!];
        say(host.refuse ?? '250 ok');
      } else if (verb === 'DATA') {
        reading = true;
        say('354 go ahead');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('502 not here');
    }
    socket.on('data', (chunk) => {
      buffered += chunk;
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        if (!reading) command(line);
        else if (line !== '.') data += `${line}\r\n`;
        else {
          reading = false;
          mails.push({ from, to, data, secure, login });
          [from, data, to] = ['', '', []];
          say('250 taken');
        }
      }
    });
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write('220 test ESMTP\r\n');
    converse(socket, false);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(host, {
    port: (server.address() as AddressInfo).port,
    mails,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}
