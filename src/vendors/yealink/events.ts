/** Action URLs of Yealink phones: GET requests whose query the base layer has laid out (yealink.md B4). */
import { parseMac } from '../../domain/mac.ts';
import type { ModelCatalogue } from '../../domain/models.ts';
import type { PhoneEvent, PhoneRequest } from '../driver.ts';

const KINDS: ReadonlyMap<string, PhoneEvent['kind']> = new Map([
  ['setup_completed', 'boot'],
  ['setup_autop_finish', 'provisioned'],
  ['registered', 'registered'],
  ['unregistered', 'unregistered'],
  ['register_failed', 'unregistered'],
  ['idle_to_busy', 'call'],
  ['outgoing_call', 'call'],
  ['call_established', 'call'],
  ['busy_to_idle', 'idle'],
  ['call_terminated', 'idle'],
  ['hold', 'other'],
  ['unhold', 'other'],
  ['blind_transfer_call', 'other'],
  ['dnd_on', 'dnd'],
  ['dnd_off', 'dnd'],
  ['ip_change', 'other'],
]);

const MAX_QUERY = 2048;

export function events(
  models: ModelCatalogue,
  request: PhoneRequest & { readonly query: string },
): readonly PhoneEvent[] {
  const query = read(request.query);
  const event = query.get('e');
  const kind = event === null ? undefined : KINDS.get(event);
  if (event === null || kind === undefined) return [];
  const mac = parseMac(query.get('mac') ?? '');
  const reported = text(query, 'model');
  const model = reported === undefined ? undefined : (models.find(reported, 'yealink')?.name ?? reported);
  const user = text(query, 'user');
  const address = text(query, 'ip');
  const firmware = text(query, 'fw');
  return [
    {
      kind,
      ...(mac === undefined ? {} : { mac }),
      ...(user === undefined ? {} : { user }),
      ...(address === undefined ? {} : { address }),
      ...(firmware === undefined ? {} : { firmware }),
      ...(model === undefined ? {} : { model }),
      detail: { event },
    },
  ];
}

/** The phone says so itself when it has started (design.md section 7). */
export function bootEvidence(request: PhoneRequest & { readonly query: string }): boolean {
  return read(request.query).get('e') === 'setup_completed';
}

function read(query: string): URLSearchParams {
  return new URLSearchParams(query.slice(0, MAX_QUERY));
}

/** A value that the phone has filled in; a variable that it does not know stays as `$name`. */
function text(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)?.trim().slice(0, 256);
  return value === undefined || value === '' || value.startsWith('$') ? undefined : value;
}
