/** Accounts as `…_n_` (cisco.md 4.1). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { Line, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { lineSources, modelOf, parameter } from '../support.ts';

const TRANSPORTS = { udp: 'UDP', tcp: 'TCP', tls: 'TLS', dns: 'AUTO' } as const;

/** Suffixes go from 1 to 16 (cisco.md 4); DECT bases with more lines are left to their profiles. */
const MOST_LINES = 16;

export function lines(knowledge: Knowledge, device: RenderDevice): readonly LayerSource[] {
  const maxLines = modelOf(knowledge, device)?.maxLines;
  const sources = lineSources(device, maxLines, sipLine);
  // What is absent stays as it was in the phone (cisco.md 4): an account that is gone must be cleared by name.
  const used = new Set(sources.filter(({ parameters }) => parameters.length > 0).map(({ source }) => source));
  const unused: Parameter[] = [];
  for (let line = 1; line <= Math.min(maxLines ?? 0, MOST_LINES); line++) {
    if (used.has(`line ${line}`)) continue;
    unused.push(
      { name: `Line_Enable_${line}_`, value: 'No' },
      { name: `User_ID_${line}_`, value: '' },
      { name: `Auth_ID_${line}_`, value: '' },
      { name: `Password_${line}_`, value: '', secret: true },
    );
  }
  return unused.length === 0
    ? sources
    : [...sources, { layer: 'accounts', source: 'unused lines', parameters: unused }];
}

function sipLine(line: Line): Parameter[] {
  const n = `_${line.line}_`;
  return [
    { name: `Line_Enable${n}`, value: 'Yes' },
    ...parameter(`Proxy${n}`, hostAndPort(line.server, line.port)),
    ...parameter(`Alternate_Proxy${n}`, hostAndPort(line.server2, line.port2)),
    { name: `Register${n}`, value: 'Yes' },
    ...parameter(`SIP_Transport${n}`, line.transport === undefined ? undefined : TRANSPORTS[line.transport]),
    ...(line.transport === 'dns' ? [{ name: `Use_DNS_SRV${n}`, value: 'Yes' }] : []),
    ...parameter(`Display_Name${n}`, line.displayName),
    ...parameter(`User_ID${n}`, line.username),
    ...parameter(`Auth_ID${n}`, line.authName || line.username),
    ...parameter(`Password${n}`, line.password, true),
    // The key's label; `$USER` shows the user ID.
    { name: `Short_Name${n}`, value: line.label || '$USER' },
  ];
}

/** The proxy's port stands behind its name; an IPv6 address needs brackets then. */
function hostAndPort(host: string, port: number | undefined): string {
  if (host === '' || port === undefined) return host;
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}
