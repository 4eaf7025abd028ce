/**
 * `--bootstrap-http`: plain HTTP for factory phones, which trust no private authority. It gives out one thing, the file
 * that installs our CA and points at our URL, to listed networks only. It holds no secret.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RenderedFile } from '../vendors/driver.ts';
import { bestOf, CA_FILE } from '../vendors/registry.ts';
import { end, type Handled } from './answers.ts';
import { sendBytes } from './file-response.ts';
import type { Fleet } from './fleet.ts';
import { type Networks, plainAddress } from './networks.ts';
import { parseTarget } from './target.ts';

const HOST = /^[a-z0-9.-]{1,253}(?::\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](?::\d{1,5})?$/i;

export class Bootstrap {
  readonly #fleet: Fleet;
  readonly #networks: Networks;

  constructor(fleet: Fleet, networks: Networks) {
    this.#fleet = fleet;
    this.#networks = networks;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<Handled> {
    const address = plainAddress(request.socket.remoteAddress);
    const target = parseTarget(request.url ?? '');
    const handled = { address };
    if (!this.#networks.has(address) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      end(request, response, 404, { connection: 'close' });
      return { ...handled, outcome: 'denied', why: 'not a bootstrap network' };
    }
    await this.#fleet.refresh();
    const file = target && this.#find(request, target.name);
    if (file === undefined) {
      end(request, response, 404);
      return { ...handled, outcome: 'static', why: 'no such bootstrap file' };
    }
    const { body, contentType } = file;
    sendBytes(request, response, { size: body.length, contentType, etag: '"bootstrap"', modified: Date.now() }, body);
    return { ...handled, outcome: 'static' };
  }

  #find(request: IncomingMessage, name: string): RenderedFile | undefined {
    const { base, drivers } = this.#fleet;
    const { serverUrl, caCertificate, timeServer } = base;
    const wanted = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
    if (wanted === CA_FILE && caCertificate !== undefined) {
      return { name: CA_FILE, contentType: 'application/x-x509-ca-cert', body: Buffer.from(caCertificate) };
    }
    const context = {
      serverUrl,
      ...(caCertificate !== undefined && { caCertificate }),
      ...(timeServer !== undefined && { timeServer }),
      bootstrapUrl: ownUrl(request),
    };
    const phone = { method: 'GET', path: `/${name}`, userAgent: request.headers['user-agent'] ?? '' };
    const vendor = bestOf(drivers, phone)?.vendor;
    const candidates = vendor === undefined ? drivers : drivers.filter((driver) => driver.vendor === vendor);
    for (const driver of candidates) {
      const found = driver.bootstrap(context).find((file) => file.name.toLowerCase() === wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** As the phone calls us, if that is a host at all; else the address that it reached. */
function ownUrl(request: IncomingMessage): string {
  const { host } = request.headers;
  if (host !== undefined && HOST.test(host)) return `http://${host}/`;
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket;
  const address = plainAddress(localAddress);
  return `http://${address.includes(':') ? `[${address}]` : address}:${localPort}/`;
}
