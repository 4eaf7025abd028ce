/** Reports that Cisco phones post by their Report_Rule (cisco.md 9) and what counts as evidence of a boot. */
import { parseMac } from '../../domain/mac.ts';
import type { PhoneEvent, PhoneRequest } from '../driver.ts';
import { shortUserAgent } from '../support.ts';

export function events(
  request: PhoneRequest & { readonly query: string; readonly body: Uint8Array },
): readonly PhoneEvent[] {
  const query = new URLSearchParams(request.query.slice(0, 2048));
  const start = new TextDecoder().decode(request.body.subarray(0, 2000));
  const isProfile = /<flat-profile[\s>]/.test(start);
  const isStatus = /<device-status[\s>]|<status[\s>]/.test(start);
  if (query.get('e') !== 'report' || !(isProfile || isStatus)) return [];
  const userAgent = shortUserAgent(request);
  const mac = parseMac(/\(([0-9a-f]{12})\)/i.exec(userAgent)?.[1] ?? '');
  return [
    {
      kind: 'report',
      ...(mac === undefined ? {} : { mac }),
      detail: { event: isProfile ? 'configuration' : 'status' },
    },
  ];
}

/** `$PRVST` is 0 when the phone fetches because it was switched on (cisco.md 3); our Profile_Rule puts it in the query. */
export function bootEvidence(request: PhoneRequest & { readonly query: string }): boolean {
  if (request.method !== 'GET') return false;
  for (const [name, value] of new URLSearchParams(request.query.slice(0, 2048)))
    if (name.toLowerCase() === 'prvst') return value === '0';
  return false;
}

/**
 * `CP-8841-3PCC 00:0e:08:ab:cd:ef -- Upgrade failed: corrupt image`: what it tells its syslog server after a failed upgrade
 * (Log_Upgrade_Failure_Msg, cisco.md 4.1; its default is `$PN $MAC -- Upgrade failed: $ERR`).
 */
export function upgradeFailure(line: string): string | undefined {
  const reason = / -- Upgrade failed:(.*)$/.exec(line)?.[1];
  return reason === undefined ? undefined : reason.trim().slice(0, 200) || 'without a reason';
}
