/** Small helpers of the control interfaces. */
import type { ControlReply, ControlRequest } from './control-hub.ts';
import type { Authenticator, Scheme } from './digest.ts';
import { drawScreen, type Picture } from './images.ts';
import type { PhoneBase } from './phone-base.ts';
import type { Credential } from './types.ts';

export function text(status: number, body: string, type = 'text/plain; charset=utf-8'): ControlReply {
  return { status, headers: { 'Content-Type': type }, body };
}

export function xml(body: string): ControlReply {
  return text(200, body, 'text/xml; charset=utf-8');
}

/** Null for a caller who proved one of the credentials, otherwise the challenge. */
export function challengeUnless(
  authenticator: Authenticator,
  request: ControlRequest,
  credentials: readonly Credential[],
  realm: string,
  schemes: readonly Scheme[],
): ControlReply | null {
  if (authenticator.accepts(request.headers.authorization, request.method, credentials, realm, schemes)) return null;
  return { status: 401, headers: { 'WWW-Authenticate': authenticator.challenges(realm, schemes) } };
}

/** What the phone's screen shows now. */
export function screenOf(phone: PhoneBase): Picture {
  const calls = phone.calls.active.map((call) => `${call.state} ${call.number}`);
  const lines = phone.lines.map(({ user, registered }) => `${registered ? 'ON ' : 'OFF'} ${user}`);
  return drawScreen([
    phone.model,
    phone.mac,
    phone.dnd ? 'DND' : '',
    ...phone.messages.slice(0, 1),
    ...calls,
    ...lines,
  ]);
}

/** Query and form fields; the first of equal names counts. */
export function fields(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(source)) if (!found.has(name)) found.set(name, value);
  return found;
}
