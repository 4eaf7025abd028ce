/** Poly's control interface: REST, push, state polling, web page (poly.md A, B). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { toPng } from '../images.ts';
import { challengeUnless, screenOf, text } from '../replies.ts';
import type { LabServices } from '../services.ts';
import type { Credential } from '../types.ts';
import { isTrue } from './config.ts';
import type { PolyPhone } from './phone.ts';
import { polling, push } from './push.ts';
import { CODES } from './rest-codes.ts';
import { COMMANDS, type Outcome } from './rest-commands.ts';
import { INFO } from './rest-info.ts';
import { webPage } from './web.ts';

const REALM = 'Polycom';
const FACTORY_PASSWORD = '456';
/** How long a REST request keeps the phone busy, in real milliseconds: a second one meanwhile is a 403 (poly.md A.3). */
const REST_TAKES = 10;

export async function answerPoly(
  phone: PolyPhone,
  services: LabServices,
  request: ControlRequest,
): Promise<ControlReply> {
  const { path } = request;
  if (path === '/push') return push(phone, services, request);
  if (path.startsWith('/polling/')) return polling(phone, services, request);
  const isRest = path.startsWith('/api/');
  if (isRest && (!isTrue(phone.parameters.get('apps.restapi.enabled')) || !phone.isAtLeast(5, 4)))
    return text(404, 'Not Found');
  const schemes = phone.details.isEdge ? (['digest-md5', 'digest-sha256'] as const) : (['basic'] as const);
  const refusal = challengeUnless(services.authenticator, request, [adminOf(phone)], REALM, schemes);
  if (refusal !== null) return refusal;
  if (isRest) return rest(phone, services, request);
  if (path === '/captureScreen/mainScreen') return screen(phone);
  return webPage(phone, request);
}

/** The user is always `Polycom` (poly.md A.1). */
function adminOf(phone: PolyPhone): Credential {
  return { username: 'Polycom', password: phone.parameters.text('device.auth.localAdminPassword') || FACTORY_PASSWORD };
}

async function rest(phone: PolyPhone, services: LabServices, request: ControlRequest): Promise<ControlReply> {
  if (phone.isAnsweringRest) return text(403, 'Forbidden');
  phone.isAnsweringRest = true;
  try {
    await services.scheduler.pauseReal(REST_TAKES, phone.lifeSignal);
    if (phone.faults.defaultPassword === true || adminOf(phone).password === FACTORY_PASSWORD)
      return json({ code: CODES.defaultPassword });
    return await runRest(phone, request.method, request.path, request.query, request.body.toString('utf8'));
  } finally {
    phone.isAnsweringRest = false;
  }
}

const SINCE_58 = /^\/api\/(?:v2\/|v1\/mgmt\/(?:device|media)\/(?:stats|sessionStats)$)/;

/** One REST call, however it arrived (HTTP, or SIP NOTIFY, poly.md A.7). */
export async function runRest(
  phone: PolyPhone,
  method: string,
  path: string,
  query: string,
  body: string,
): Promise<ControlReply> {
  if (path.startsWith('/api/v1/callctrl/') && (phone.faults.edge404 === true || phone.details.isEdge))
    return text(404, '<html>404</html>', 'text/html');
  // The second version of the API, load and media came with 5.8 (poly.md A.1, A.4).
  if (SINCE_58.test(path) && !phone.isAtLeast(5, 8)) return text(404, 'Not Found');
  if (method === 'GET' && Object.hasOwn(INFO, path)) return json(INFO[path]!(phone, new URLSearchParams(query)));
  if (method === 'GET' && path === '/api/v1/mgmt/getPresence')
    return json({ code: CODES.ok, more: { Presence: phone.dnd ? 'DoNotDisturb' : 'Available' } });
  if (method !== 'POST' || !Object.hasOwn(COMMANDS, path)) return text(404, 'Not Found');
  const data = readData(body);
  return json(data === null ? { code: CODES.invalid } : await COMMANDS[path]!(phone, data));
}

/** `data` of the body; an empty body is an empty object, null is what cannot be read. */
function readData(body: string): Record<string, unknown> | null {
  if (body.trim() === '') return {};
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function json(outcome: Outcome): ControlReply {
  const answer =
    'data' in outcome
      ? { data: outcome.data, ...outcome.more, Status: CODES.ok }
      : { ...outcome.more, Status: outcome.code };
  return text(200, JSON.stringify(answer), 'application/json');
}

/** Needs the administrator's parameter and the user's preference (poly.md A.8). */
function screen(phone: PolyPhone): ControlReply {
  const { parameters } = phone;
  if (!isTrue(parameters.get('up.screenCapture.enabled')) || !isTrue(parameters.get('up.screenCapture.value')))
    return text(404, 'Not Found');
  return { status: 200, headers: { 'Content-Type': 'image/png' }, body: toPng(screenOf(phone)) };
}
