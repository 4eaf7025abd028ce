/** Where phones send their syslog by the base layer: our own receiver, once `serve` has run one, or another. */
import { SYSLOG } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';

export interface SyslogTarget {
  readonly server: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

const DEFAULT_PORTS = { udp: 514, tcp: 514, tls: 6514 } as const;

/** Reads `10.20.0.5`, `logs.example.net:1514`, `tls://logs.example.net`; an empty text is nowhere. Throws `invalid_input`. */
export function readSyslogTarget(text: string): SyslogTarget | null {
  if (text === '') return null;
  const match =
    /^(?:(udp|tcp|tls):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(text);
  const transport = (match?.[1]?.toLowerCase() ?? 'udp') as SyslogTarget['transport'];
  const port = match?.[3] === undefined ? DEFAULT_PORTS[transport] : Number(match[3]);
  const server = match?.[2]?.replace(/^\[|\]$/g, '');
  if (server === undefined || port < 1 || port > 65_535) {
    throw new PhonectlError('invalid_input', `"${text.slice(0, 60)}" is no place for syslog.`, {
      hints: ['Write it as HOST, HOST:PORT or tls://HOST:PORT; an empty text for none.'],
    });
  }
  return { server, port, transport };
}

/** How people write it. */
export function syslogText({ server, port, transport }: SyslogTarget): string {
  const host = server.includes(':') ? `[${server}]` : server;
  return `${transport}://${host}:${port}`;
}

/**
 * Phones are pointed at the receiver that `serve` runs, by the name that they know the server by, unless somebody has
 * said where else they send it, or that they send it nowhere.
 */
export async function noteSyslogReceiver(
  context: OperationContext,
  addresses: readonly { readonly kind: string; readonly port: number }[],
): Promise<void> {
  const { settings } = context.read;
  const url = await settings.get<string>('provisioning.url');
  const listener =
    addresses.find(({ kind }) => kind === 'syslog') ?? addresses.find(({ kind }) => kind === 'syslog-tls');
  if (listener === undefined || url === undefined || (await settings.get(SYSLOG)) !== undefined) return;
  const target: SyslogTarget = {
    server: new URL(url).hostname.replace(/^\[|\]$/g, ''),
    port: listener.port,
    transport: listener.kind === 'syslog' ? 'udp' : 'tls',
  };
  await context.write(async (repositories) => {
    await repositories.settings.set(SYSLOG, target);
    return [undefined, { object: `setting:${SYSLOG}`, result: 'done', details: { ...target } }];
  });
}
