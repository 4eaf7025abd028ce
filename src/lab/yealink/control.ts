/** Yealink's control interface: Action URI, XML push, screen (yealink.md B1, B2, B5). */
import type { ControlReply, ControlRequest } from '../control-hub.ts';
import { LabError } from '../errors.ts';
import { toBmp } from '../images.ts';
import { challengeUnless, fields, screenOf, text } from '../replies.ts';
import type { LabServices } from '../services.ts';
import type { Credential } from '../types.ts';
import { PASSWORD_OF } from './config.ts';
import { pressKeys } from './keys.ts';
import type { YealinkPhone } from './phone.ts';
import { showXml } from './xml-objects.ts';

const REALM = 'Yealink';
/** yealink.md B1: Basic or Digest; the phone offers both. */
const SCHEMES = ['digest-md5', 'basic'] as const;
/** Older firmware answers here too (yealink.md B1). */
const OLD_PATHS = new Set(['/cgi-bin/ConfigManApp.com', '/cgi-bin/cgiServer.exx']);

export async function answerYealink(
  phone: YealinkPhone,
  services: LabServices,
  request: ControlRequest,
): Promise<ControlReply> {
  const { path, query } = request;
  // Firmware V7x takes keys at the older paths only, and answers no questions (yealink.md B1, B2).
  if (phone.isBeforeV80 && /^\/(?:servlet\?(?:key|phonecfg)=|screencapture)/.test(`${path}?${query}`))
    return text(404, 'Not Found');
  if (path === '/servlet' && /^(?:push|p)=xml/.test(query)) return pushXml(phone, services, request);
  if (path !== '/servlet' && path !== '/screencapture' && path !== '/screencapture/download' && !OLD_PATHS.has(path))
    return text(404, 'Not Found');
  if (
    !phone.isOn('features.action_uri.enable') ||
    !isAllowed(phone.setting('features.action_uri_limit_ip'), request.remoteAddress)
  ) {
    return text(403, 'Forbidden');
  }
  const refusal = challengeUnless(services.authenticator, request, [adminOf(phone)], REALM, SCHEMES);
  if (refusal !== null) return refusal;
  if (path.startsWith('/screencapture') || fields(query).get('command') === 'screenshot') return screen(phone);
  return servlet(phone, decode(query));
}

/** The web login of the administrator; `static.security.user_name.admin` may rename it (yealink.md A13). */
export function adminOf(phone: YealinkPhone): Credential {
  const username = phone.setting('static.security.user_name.admin') || 'admin';
  return { username, password: phone.parameters.get(`${PASSWORD_OF}${username}`) ?? 'admin' };
}

/** features.action_uri_limit_ip: blank = nobody, `any`, or addresses with `*` for a part (yealink.md B1). */
function isAllowed(list: string, address: string): boolean {
  return list.split(',').some((entry) => {
    const pattern = entry.trim();
    if (pattern === 'any') return true;
    const parts = pattern.split('.');
    return (
      parts.length === 4 && address.split('.').every((part, index) => parts[index] === '*' || parts[index] === part)
    );
  });
}

/** `key=…` presses keys, `phonecfg=get…` reads; literal brackets of the guide's example are taken too. */
function servlet(phone: YealinkPhone, query: string): ControlReply {
  if (query.startsWith('key='))
    return pressKeys(phone, query.slice('key='.length)) ? text(200, '') : text(400, 'Bad Request');
  if (query.startsWith('phonecfg=get')) return text(200, phoneConfig(phone, new Set(query.match(/\w+=0/g) ?? [])));
  return text(404, 'Not Found');
}

/** The guide documents what is returned, not its form (yealink.md B1): here, lines of `name=value`. */
function phoneConfig(phone: YealinkPhone, left: ReadonlySet<string>): string {
  const lines: string[] = [];
  if (!left.has('fw=0')) lines.push(`fw=${phone.firmware}`);
  if (!left.has('dnd=0')) lines.push(`dnd=${phone.dnd ? 1 : 0}`);
  if (!left.has('accounts=0')) {
    for (const { line, user, server, registered } of phone.lines) {
      lines.push(
        `account.${line}=${phone.shown(user)}@${server};status=${registered ? 'Registered' : 'Register Failed'}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function screen(phone: YealinkPhone): ControlReply {
  return { status: 200, headers: { 'Content-Type': 'image/bmp' }, body: toBmp(screenOf(phone)) };
}

/** push_xml.server admits the sender by its Referer; push_xml.username asks for Digest (yealink.md B5). */
function pushXml(phone: YealinkPhone, services: LabServices, request: ControlRequest): ControlReply {
  if (!isAllowed(phone.setting('push_xml.server'), refererOf(request))) return text(403, 'Forbidden');
  const username = phone.setting('push_xml.username');
  if (username !== '') {
    const credential = { username, password: phone.setting('push_xml.password') };
    const refusal = challengeUnless(services.authenticator, request, [credential], REALM, ['digest-md5']);
    if (refusal !== null) return refusal;
  }
  if (phone.isOn('push_xml.block_in_calling') && phone.calls.active.length > 0) return text(403, 'Forbidden');
  const body = request.body.toString('utf8');
  if (request.method !== 'POST' || !body.startsWith('xml=')) return text(400, 'Bad Request');
  try {
    showXml(phone, body.slice('xml='.length));
    return text(200, '');
  } catch (error) {
    if (error instanceof LabError && error.code === 'unparsable') return text(400, error.message);
    throw error;
  }
}

function refererOf(request: ControlRequest): string {
  const referer = request.headers.referer ?? '';
  return URL.canParse(referer) ? new URL(referer).hostname : referer;
}

function decode(query: string): string {
  try {
    return decodeURIComponent(query).replace(/[[\]]/g, '');
  } catch (error) {
    if (error instanceof URIError) return query;
    throw error;
  }
}
