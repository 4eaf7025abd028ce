/** Addresses to listen on. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PhonectlError } from '../sdk/errors.ts';
import { isSystemError } from '../sdk/system-error.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `8443`, `:8443`, `10.0.0.1:8443`, `[::1]:8443`; without host it is every address. Throws `invalid_input`. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]]*)):)?(\d{1,5})$/i.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new PhonectlError('invalid_input', `'${text}' is no address to listen on.`, {
      hints: ['Write a port, or an address and a port: 8443, 10.20.0.5:443, [::1]:8443.'],
    });
  }
  return { host: match[1] ?? (match[2] || '::'), port };
}

/** Starts a listener and returns where it listens. Throws `address_in_use`, `forbidden`, `invalid_input`. */
export async function listen(server: Server, address: ListenAddress, reusePort: boolean): Promise<ListenAddress> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...address, reusePort }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenError(error, address);
  }
  const { address: host, port } = server.address() as AddressInfo;
  return { host, port };
}

export function formatListen({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listenError(error: unknown, address: ListenAddress): unknown {
  const where = formatListen(address);
  if (isSystemError(error, 'EADDRINUSE')) {
    return new PhonectlError('address_in_use', `${where} is in use by another process.`, {
      hints: ['Stop the other one, or choose another address with --listen.'],
      details: { ...address },
    });
  }
  if (isSystemError(error, 'EACCES', 'EPERM')) {
    return new PhonectlError('forbidden', `This user may not listen on ${where}.`, {
      hints: ['Ports below 1024 need CAP_NET_BIND_SERVICE; the systemd unit grants it.'],
      details: { ...address },
    });
  }
  if (isSystemError(error, 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAFNOSUPPORT', 'EINVAL')) {
    return new PhonectlError('invalid_input', `${where} is no address of this machine.`, { details: { ...address } });
  }
  return error;
}
