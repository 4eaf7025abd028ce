/** The forms of a Poly phone's web page (poly.md A.8). */
import { ask, controlBase, NO_ADDRESS, WRONG_PASSWORD } from '../attempts.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { DeviceTransport } from '../transport.ts';

/** `Reboot` and `Restart` act at once, in the middle of a call as well: only when that is wanted. */
export async function submitForm(
  form: 'Reboot' | 'Restart',
  target: ControlTarget,
  transport: DeviceTransport,
  { signal, force }: { readonly signal: AbortSignal; readonly force?: boolean },
): Promise<AttemptResult> {
  if (force !== true) {
    const reason = `its web page ${form.toLowerCase()}s in the middle of a call; --force allows that`;
    return { outcome: 'not-applicable', reason };
  }
  if (controlBase(target) === undefined) return NO_ADDRESS;
  const login = Buffer.from(`${target.admin.username}:${target.admin.password}`, 'utf8').toString('base64');
  const response = await ask(target, transport, signal, {
    method: 'POST',
    path: `/form-submit/${form}`,
    // Newer firmware reads the login from a cookie as well.
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: `Authorization=Basic ${login}` },
    body: '',
  });
  if (response.status >= 200 && response.status < 400) return { outcome: 'accepted', via: 'web' };
  if (response.status === 401) return WRONG_PASSWORD;
  return { outcome: 'refused', reason: `the phone's web page answers HTTP ${response.status}` };
}
