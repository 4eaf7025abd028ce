/**
 * What phones report of themselves: `/e/<secret>/…`, where the secret names the phone. Poly posts XML, Yealink asks with
 * a query, Cisco posts its profile; the drivers read them.
 */
import type { IncomingMessage } from 'node:http';
import type { FactWriter, Reported } from '../sdk/ports/facts.ts';
import type { SecretBox } from '../sdk/ports/secrets.ts';
import type { ServedDevice, ServingReader } from '../sdk/ports/serving.ts';
import type { Driver, PhoneEvent } from '../vendors/driver.ts';
import { readBody } from './body.ts';
import { AUDIO, type UploadAnswer, type Uploads } from './uploads.ts';

/** A Cisco report of a whole profile is the longest; bytes. */
const MOST = 1_048_576;
/** One request tells of a few things at once, not of hundreds. */
const MOST_EVENTS = 16;

export interface Report {
  readonly status: 200 | 404 | 413 | UploadAnswer['status'];
  readonly headers?: UploadAnswer['headers'];
  readonly device?: ServedDevice;
  /** What the phone came for, where it is more than an acknowledgement. */
  readonly page?: { readonly contentType: string; readonly body: string };
}

export interface ReceiverOptions {
  readonly reader: ServingReader;
  readonly writer: FactWriter;
  readonly uploads: Uploads;
  readonly secrets: SecretBox;
  readonly driver: (vendor: string) => Driver | undefined;
  readonly now: () => number;
}

/** Splits `e/<secret>/rest`; `undefined` for any other name. */
export function parseEventName(name: string): { secret: string; rest: string } | undefined {
  const match = /^e\/([a-z0-9]{16,64})(?:\/(.*))?$/.exec(name);
  return match === null ? undefined : { secret: match[1] ?? '', rest: match[2] ?? '' };
}

export class Receiver {
  readonly #options: ReceiverOptions;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  async receive(
    request: IncomingMessage,
    { secret, rest }: { secret: string; rest: string },
    query: string,
    address: string,
  ): Promise<Report> {
    const { reader, secrets, driver, now } = this.#options;
    const device = await reader.deviceByEventSecret(secrets.fingerprint(secret));
    const vendor = device?.vendor;
    if (device === undefined || device.state !== 'active' || !vendor) return { status: 404 };
    const token = /^message\/([0-9a-f]{32})$/.exec(rest)?.[1];
    if (token !== undefined) return this.#text(device, token, address);
    const file = /^(capture|recording|prt)(?:\/(.*))?$/.exec(rest);
    if (file !== null) return this.#file(request, device, file[1] ?? '', file[2] ?? '');
    const body = await readBody(request, MOST);
    if (body === undefined) return { status: 413, device };
    const phone = {
      method: request.method ?? 'GET',
      path: `/${rest}`,
      query,
      userAgent: request.headers['user-agent'] ?? '',
      body,
    };
    const events = driver(vendor)?.events(phone) ?? [];
    // Who has one phone's secret does not speak for another.
    if (events.some(({ mac }) => mac !== undefined && device.mac !== null && mac !== device.mac)) {
      return { status: 404, device };
    }
    for (const event of events.slice(0, MOST_EVENTS)) this.#note(device, event, address, now());
    return { status: 200, device };
  }

  /**
   * A capture that the phone was asked for, a recording, or a problem report. Whether it adds a name of its own to the URL
   * is not documented.
   */
  async #file(request: IncomingMessage, device: ServedDevice, kind: string, path: string): Promise<Report> {
    const { uploads, now } = this.#options;
    const name =
      kind === 'capture'
        ? await this.#options.reader.captureName(device.id, path.split('/', 1)[0] ?? '')
        : kind === 'prt'
          ? `prt/probrep-${compact(now())}.tar.gz`
          : recordingName(path, now());
    if (name === undefined || !['PUT', 'POST'].includes(request.method ?? '')) return { status: 404, device };
    return { device, ...(await uploads.receive(request, device, name)) };
  }

  /** A text that the phone was sent to fetch; that it does is what proves that it was told. */
  async #text(device: ServedDevice, token: string, address: string): Promise<Report> {
    const { reader, writer, driver, now } = this.#options;
    const text = await reader.pushedText(device.id, token);
    const page = text === undefined ? undefined : driver(device.vendor ?? '')?.textPage?.(text);
    if (page === undefined) return { status: 404, device };
    const detail = { event: 'message', token };
    writer.note({ type: 'reported', deviceId: device.id, at: now(), address, kind: 'report', detail });
    return { status: 200, device, page };
  }

  #note(device: ServedDevice, event: PhoneEvent, address: string, at: number): void {
    const { kind, line, user, address: reportedIp, firmware, model, detail = {} } = event;
    this.#options.writer.note({
      type: 'reported',
      deviceId: device.id,
      at,
      address,
      kind: kind === 'dnd' || kind === 'other' ? 'report' : kind,
      ...(line !== undefined && { line }),
      ...(user !== undefined && { user }),
      ...(reportedIp !== undefined && { reportedIp }),
      ...(firmware !== undefined && { firmware }),
      ...(model !== undefined && { model }),
      detail,
    } satisfies Reported);
  }
}

function recordingName(path: string, at: number): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (AUDIO.test(name)) return name;
  return `recording_${compact(at)}.wav`;
}

/** `20261122t113600`. */
function compact(at: number): string {
  return new Date(at)
    .toISOString()
    .replace(/[-:]|\..*$/g, '')
    .toLowerCase();
}
