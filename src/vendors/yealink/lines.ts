/** Accounts as `account.N.*` (yealink.md F). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import type { Line, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { lineSources, modelOf, parameter } from '../support.ts';
import { type Generation, generationOf } from './generation.ts';

/** F: 3 is DNS-NAPTR. */
const TRANSPORTS = { udp: '0', tcp: '1', tls: '2', dns: '3' } as const;

/** Accounts of a desk phone; more than that have only DECT bases, which are not of the old generation in practice. */
const MOST_DESK_ACCOUNTS = 16;

export function lines(knowledge: Knowledge, device: RenderDevice): readonly LayerSource[] {
  const generation = generationOf(knowledge, device);
  const maxLines = modelOf(knowledge, device)?.maxLines;
  const sources = lineSources(device, maxLines, (line) => sipLine(generation, line));
  if (generation === 'boot') return sources;
  // Without a boot file nothing resets what is absent: accounts that are gone must be switched off by name.
  const used = new Set(sources.filter(({ parameters }) => parameters.length > 0).map(({ source }) => source));
  const unused: Parameter[] = [];
  for (let line = 1; line <= Math.min(maxLines ?? 1, MOST_DESK_ACCOUNTS); line++)
    if (!used.has(`line ${line}`)) unused.push({ name: `account.${line}.enable`, value: '0' });
  return unused.length === 0
    ? sources
    : [...sources, { layer: 'accounts', source: 'unused lines', parameters: unused }];
}

function sipLine(generation: Generation, line: Line): Parameter[] {
  const account = `account.${line.line}`;
  const transport = line.transport === undefined ? undefined : TRANSPORTS[line.transport];
  const modern: Parameter[] = [
    { name: `${account}.enable`, value: '1' },
    ...parameter(`${account}.label`, line.label),
    ...parameter(`${account}.display_name`, line.displayName),
    ...parameter(`${account}.user_name`, line.username),
    ...parameter(`${account}.auth_name`, line.authName || line.username),
    ...parameter(`${account}.password`, line.password, true),
    ...server(account, 1, line.server, line.port, transport),
    ...server(account, 2, line.server2, line.port2, transport),
  ];
  if (generation === 'boot') return modern;
  // V7x and earlier know one server, by other names.
  return [
    ...modern,
    ...parameter(`${account}.sip_server_host`, line.server),
    ...(line.server === '' ? [] : parameter(`${account}.sip_server_port`, line.port)),
    ...parameter(`${account}.transport`, transport),
  ];
}

function server(
  account: string,
  number: 1 | 2,
  address: string,
  port: number | undefined,
  transport: string | undefined,
): Parameter[] {
  if (address === '') return [];
  const name = `${account}.sip_server.${number}`;
  return [
    { name: `${name}.address`, value: address },
    ...parameter(`${name}.port`, port),
    ...parameter(`${name}.transport_type`, transport),
  ];
}
