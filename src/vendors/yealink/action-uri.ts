/** The Action URI of Yealink phones: keys, and what can be read (yealink.md B1). */
import { ask, controlBase, NO_ADDRESS, WRONG_PASSWORD } from '../attempts.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { DeviceResponse, DeviceTransport } from '../transport.ts';

/** Newest spelling first (B1). */
const PATHS = ['/servlet?key=', '/cgi-bin/ConfigManApp.com?key=', '/cgi-bin/cgiServer.exx?key='];

/** One value of `key=`; it goes into the query as it is, so reserved characters must be encoded by the caller. */
export async function actionUri(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  key: string,
): Promise<AttemptResult> {
  if (controlBase(target) === undefined) return NO_ADDRESS;
  for (const path of PATHS) {
    const response = await ask(target, transport, signal, { method: 'GET', path: `${path}${key}` });
    if (response.status !== 404) return outcome(response);
  }
  return { outcome: 'refused', reason: 'what answers at this address knows no Action URI' };
}

function outcome(response: DeviceResponse): AttemptResult {
  if (response.status >= 200 && response.status < 300) return { outcome: 'accepted', via: 'action-uri' };
  if (response.status === 401) return WRONG_PASSWORD;
  if (response.status === 403) {
    return {
      outcome: 'refused',
      reason: 'the phone does not take commands from this address',
      hint: 'features.action_uri_limit_ip lists who may; the first time, somebody may have to allow it on its screen.',
    };
  }
  if (response.status === 503) return { outcome: 'busy', reason: 'the phone answers 503' };
  return { outcome: 'refused', reason: `the phone answers HTTP ${response.status}` };
}
