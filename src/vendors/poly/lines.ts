/** Accounts as `reg.N.*` (poly.md D.4). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { Line, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { lineSources, modelOf, parameter } from '../support.ts';

const TRANSPORTS = { udp: 'UDPOnly', tcp: 'TCPOnly', tls: 'TLS', dns: 'DNSnaptr' } as const;

export function lines(knowledge: Knowledge, device: RenderDevice): readonly LayerSource[] {
  return lineSources(device, modelOf(knowledge, device)?.maxLines, sipLine);
}

function sipLine(line: Line): Parameter[] {
  const reg = `reg.${line.line}`;
  const transport = line.transport === undefined ? undefined : TRANSPORTS[line.transport];
  return [
    ...parameter(`${reg}.address`, line.username),
    ...parameter(`${reg}.displayName`, line.displayName),
    ...parameter(`${reg}.label`, line.label),
    ...parameter(`${reg}.auth.userId`, line.authName || line.username),
    ...parameter(`${reg}.auth.password`, line.password, true),
    ...parameter(`${reg}.server.1.address`, line.server),
    ...parameter(`${reg}.server.1.port`, line.port),
    ...parameter(`${reg}.server.1.transport`, transport),
    ...parameter(`${reg}.server.2.address`, line.server2),
    ...(line.server2 === '' ? [] : parameter(`${reg}.server.2.port`, line.port2)),
    ...(line.server2 === '' ? [] : parameter(`${reg}.server.2.transport`, transport)),
  ];
}
