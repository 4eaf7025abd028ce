/** Syslog as phones send it: UDP, or a stream of lines over TCP or TLS (neutral.md 4). */
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';

export interface SyslogTarget {
  readonly server: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** PEM of the authorities that the phone trusts, for TLS. */
  readonly ca: readonly string[];
}

/** What comes within so many milliseconds goes out together. */
const TOGETHER = 20;
/** A server that is not there must not fill the lab's memory. */
const MOST_WAITING = 500;
const PATIENCE = 5_000;

interface Batch {
  readonly from: string;
  readonly target: SyslogTarget;
  readonly messages: string[];
}

export class SyslogSender {
  readonly #waiting = new Map<string, Batch>();
  #stopped = false;

  /** From one of the lab's addresses. Nobody is told when it does not arrive: that is what syslog is like. */
  send(from: string, target: SyslogTarget, message: string): void {
    if (this.#stopped) return;
    const key = [from, target.server, target.port, target.transport].join(' ');
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      if (known.messages.length < MOST_WAITING) known.messages.push(message);
      return;
    }
    const batch = { from, target, messages: [message] };
    this.#waiting.set(key, batch);
    setTimeout(() => {
      this.#waiting.delete(key);
      if (this.#stopped) return;
      if (target.transport === 'udp') sendDatagrams(batch);
      else sendStream(batch);
    }, TOGETHER);
  }

  stop(): void {
    this.#stopped = true;
  }
}

function sendDatagrams({ from, target, messages }: Batch): void {
  const socket = dgram.createSocket('udp4');
  socket.on('error', () => socket.close());
  socket.bind({ address: from, port: 0, exclusive: true }, () => {
    let left = messages.length;
    for (const message of messages) {
      socket.send(message, target.port, target.server, () => {
        left -= 1;
        if (left === 0) socket.close();
      });
    }
  });
}

function sendStream({ from, target, messages }: Batch): void {
  const { server: host, port, transport, ca } = target;
  const where = { host, port, localAddress: from, timeout: PATIENCE };
  const socket = transport === 'tls' ? tls.connect({ ...where, ca: [...ca] }) : net.connect(where);
  socket.on('error', () => socket.destroy());
  socket.on('timeout', () => socket.destroy());
  socket.end(messages.map((message) => `${message}\n`).join(''));
}
