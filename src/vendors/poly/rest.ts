/** The REST API of UC Software: envelope, status codes, one request at a time (poly.md A.1..A.4). */
import { ask, controlBase, NO_ADDRESS, pause, textOf, WRONG_PASSWORD } from '../attempts.ts';
import type { AttemptResult, ControlTarget } from '../driver.ts';
import type { DeviceResponse, DeviceTransport } from '../transport.ts';

export type RestAnswer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly status: number | undefined; readonly result: AttemptResult };

export interface RestOptions {
  /** Milliseconds before a request is repeated that got HTTP 403; grows with each try. Default 3000. */
  readonly busyPause?: number;
  /** What a POST carries as `data`. */
  readonly data?: unknown;
}

/** A 403 is "another request is in progress" as well as "wrong password" (A.3): so often it is asked again. */
const BUSY_TRIES = 3;

/** poly.md A.2. What is not here is told with its number. */
const REASONS: Readonly<Record<number, string>> = {
  4000: 'invalid parameters',
  4001: 'the phone is busy',
  4002: 'the line is not registered',
  4003: 'the phone does not allow this now',
  4004: 'the phone does not support this',
  4005: 'the line does not exist',
  4006: 'no URLs are configured',
  4007: 'there is no such call',
  4008: 'the configuration could not be exported',
  4009: 'too many parameters in one request',
  4010: 'the phone still has its default password and refuses everything',
  4400: 'bad request',
  4403: 'forbidden',
  5000: 'the phone failed to do it',
  5500: 'internal error of the phone',
};

/** One request to `/api/…`. Only transport failures are thrown. */
export async function rest(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  method: 'GET' | 'POST',
  path: string,
  options: RestOptions = {},
): Promise<RestAnswer> {
  if (controlBase(target) === undefined) return { ok: false, status: undefined, result: NO_ADDRESS };
  const request = {
    method,
    path: `/api/${path}`,
    // Wanted even with an empty body (A.1).
    ...(method === 'POST' && {
      headers: { 'content-type': 'application/json' },
      body: options.data === undefined ? '' : JSON.stringify({ data: options.data }),
    }),
  };
  const response = await askPatiently(target, transport, signal, request, options);
  return response.status === 200 ? envelope(textOf(response)) : httpFailure(response.status);
}

/** As `ask`; what is refused with 403 is asked again after a pause, a bounded number of times. */
export async function askPatiently(
  target: ControlTarget,
  transport: DeviceTransport,
  signal: AbortSignal,
  request: Parameters<typeof ask>[3],
  { busyPause = 3000 }: RestOptions = {},
): Promise<DeviceResponse> {
  for (let tries = 1; ; tries++) {
    const response = await ask(target, transport, signal, request);
    if (response.status !== 403 || tries === BUSY_TRIES) return response;
    await pause(busyPause * tries, signal);
  }
}

function envelope(text: string): RestAnswer {
  const answer = parseObject(text);
  // A string in every capture, a number in the manual (A.1).
  const status = Number(property(answer, 'Status'));
  if (answer === undefined || !Number.isInteger(status))
    return failed(undefined, { outcome: 'refused', reason: 'what the phone answers is not what its REST API answers' });
  if (status === 2000) return { ok: true, data: property(answer, 'data') };
  const reason = `${REASONS[status] ?? 'the phone refuses'} (${status})`;
  if (status === 4001) return failed(status, { outcome: 'busy', reason, retryAfter: 10 });
  if (status === 4004) return failed(status, { outcome: 'not-applicable', reason });
  if (status === 4010) {
    const hint =
      'It gets its own password with its next configuration: make it provision first, or set one at the phone.';
    return failed(status, { outcome: 'refused', reason, hint });
  }
  return failed(status, { outcome: 'refused', reason });
}

/** What 403 means after the last try (A.3). */
export const STILL_BUSY = `the phone answers 403 for the ${BUSY_TRIES}rd time: another request is in progress, or the password is wrong`;

/** Switched off, as in the factory, or never there. */
export const REST_OFF = {
  outcome: 'refused',
  reason: 'the phone has no REST API at this address',
  hint: 'apps.restapi.enabled is part of the base layer: make the phone provision first.',
} as const;

function httpFailure(status: number): RestAnswer {
  if (status === 401) return failed(status, WRONG_PASSWORD);
  if (status === 403) return failed(status, { outcome: 'refused', reason: STILL_BUSY });
  if (status === 404) return failed(status, REST_OFF);
  return failed(status, { outcome: 'refused', reason: `the phone answers HTTP ${status}` });
}

function failed(status: number | undefined, result: AttemptResult): RestAnswer {
  return { ok: false, status, result };
}

function parseObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    // An HTML page of something else that listens there is an answer, too; the caller says so.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A property by name without regard to case: `MACAddress` and `MacAddress` both occur (A.4). */
export function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const wanted = name.toLowerCase();
  for (const [key, inner] of Object.entries(value)) if (key.toLowerCase() === wanted) return inner;
  return undefined;
}

/** A property as text; numbers and strings both occur. */
export function textProperty(value: unknown, name: string): string | undefined {
  const inner = property(value, name);
  return typeof inner === 'string' && inner !== '' ? inner : typeof inner === 'number' ? String(inner) : undefined;
}
