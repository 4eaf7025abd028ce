/** One request of a phone from beginning to end: who asks, what it may have, the answer, and what was learnt. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ConfigurationSource, configurationFor, enrolmentFor } from '../sdk/configuration/configuration.ts';
import { isPhonectlError } from '../sdk/errors.ts';
import type { FactWriter } from '../sdk/ports/facts.ts';
import type { ServedDevice } from '../sdk/ports/serving.ts';
import type { Identification, PhoneRequest } from '../vendors/driver.ts';
import { bestOf, CA_FILE } from '../vendors/registry.ts';
import type { Access, Claim } from './access.ts';
import type { Authenticator, Proof } from './authentication.ts';
import { answerFor, type FileAnswer, sendBytes } from './file-response.ts';
import type { Fleet } from './fleet.ts';
import type { Outcome } from './metrics.ts';
import { fileFor, macOf, namesAnother } from './names.ts';
import { clientAddress, type Networks } from './networks.ts';
import { parseEventName, type Receiver } from './receiver.ts';
import { Recent } from './recent.ts';
import type { RenderCache, Rendering } from './render-cache.ts';
import { parseTarget, type Target, withoutBase } from './target.ts';
import type { Tree } from './tree.ts';
import type { Uploads } from './uploads.ts';

export interface ProvisioningOptions {
  readonly fleet: Fleet;
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly receiver: Receiver;
  readonly uploads: Uploads;
  readonly cache: RenderCache;
  readonly writer: FactWriter;
  readonly tree: Tree | undefined;
  readonly proxies: Networks | undefined;
  /** Everything that rendering takes but the base, which changes. */
  readonly source: Omit<ConfigurationSource, 'base'>;
  readonly now: () => number;
}

/** What the log and the metrics say of a request. Secrets never: the path of an event is cut. */
export interface Handled {
  readonly outcome: Outcome;
  readonly address: string;
  readonly path: string;
  readonly device?: string;
  readonly by?: string;
  readonly why?: string;
}

/** A phone that is refused for now should come back after so many seconds. */
const RETRY_AFTER = 30;
/** A body that nobody reads is let run out up to this size (bytes); a larger one costs the connection. */
const DRAINED = 65_536;
/** A login's use is noted at most this often (milliseconds). */
const USE_NOTED = 60_000;
const METHODS = 'GET, HEAD, PUT, POST';

export class Provisioning {
  readonly #options: ProvisioningOptions;
  readonly #strangers = new Recent(10_000, 10 * 60_000);
  /** A boot shows in several requests within a second or two. */
  readonly #boots = new Recent(10_000, 5_000);

  constructor(options: ProvisioningOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<Handled> {
    const { fleet, proxies } = this.#options;
    const address = clientAddress(request, proxies);
    try {
      await fleet.refresh();
      return await this.#answer(request, response, address);
    } catch (error) {
      return this.#failed(request, response, address, error);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<Handled> {
    const { fleet, receiver } = this.#options;
    const method = request.method ?? '';
    if (!METHODS.split(', ').includes(method)) {
      end(request, response, 405, { allow: METHODS });
      return { outcome: 'refused', address, path: loggedPath(request) };
    }
    const parsed = parseTarget(request.url ?? '');
    const target = parsed && { ...parsed, name: withoutBase(parsed.name, fleet.basePath) };
    const event = target && parseEventName(target.name);
    if (target !== undefined && event !== undefined) {
      const { status, device } = await receiver.receive(request, event, target.query, address);
      end(request, response, status);
      return { outcome: 'event', address, path: '/e/…', ...(device && { device: deviceName(device) }) };
    }
    if (target?.name === CA_FILE && this.#sendAuthority(request, response)) {
      return { outcome: 'static', address, path: `/${CA_FILE}` };
    }
    return this.#provision(request, response, target, address);
  }

  async #provision(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target | undefined,
    address: string,
  ): Promise<Handled> {
    const { fleet, authenticator, access, proxies, now } = this.#options;
    const certificate = fleet.certificates.of(request, proxies);
    const proof = await authenticator.prove(request, address);
    const phone: PhoneRequest = {
      method: request.method ?? 'GET',
      path: `/${target?.name ?? ''}`,
      userAgent: request.headers['user-agent'] ?? '',
      ...(certificate !== undefined && { certificateSubject: certificate.subject }),
    };
    const identification = bestOf(fleet.drivers, phone);
    const named = macOf(fleet.drivers, phone.path);
    const claim: Claim = {
      address,
      certificate,
      proof,
      identification,
      mac: named ?? identification?.mac,
      own: named !== undefined,
      userAgent: phone.userAgent,
      at: now(),
    };
    const decision = await access.decide(claim);
    const handled = { address, path: loggedPath(request) };
    if (decision.kind === 'denied') {
      this.#deny(request, response, claim);
      return { ...handled, outcome: 'denied', why: decision.why };
    }
    if (decision.kind === 'stranger') {
      const sent = target !== undefined && (await this.#sendStatic(request, response, target.name));
      if (!sent) end(request, response, 404);
      return { ...handled, outcome: 'static' };
    }
    const { device } = decision;
    this.#learn(device, phone, proof, claim, target);
    const outcome =
      decision.kind === 'enrolment'
        ? await this.#enrol(request, response, target, device, claim)
        : await this.#serve(request, response, target, device, claim);
    return {
      ...handled,
      outcome,
      device: deviceName(device),
      by: decision.kind === 'own' ? decision.by : 'window',
    };
  }

  /** The same for a MAC that we know and one that we do not: status, headers, body (security.md decision 1). */
  #deny(request: IncomingMessage, response: ServerResponse, claim: Claim): void {
    const { authenticator } = this.#options;
    const stale = claim.proof.kind === 'none' && claim.proof.stale;
    end(request, response, 401, { 'www-authenticate': authenticator.challenges(claim.address, stale) });
    // After the answer, so that it takes no time of it; the writer finds out whether the MAC is known.
    setImmediate(() => this.#noteStranger(claim));
  }

  #noteStranger({ mac: claimed, certificate, identification, address, userAgent, at }: Claim): void {
    const mac = certificate?.mac ?? claimed;
    if (mac === undefined || identification === undefined || this.#strangers.has(mac, at)) return;
    this.#options.writer.note({
      type: 'stranger',
      mac,
      at,
      address,
      userAgent: userAgent.slice(0, 256),
      vendor: identification.vendor,
      model: identification.model ?? null,
      firmware: identification.firmware ?? null,
    });
  }

  #learn(
    device: ServedDevice,
    phone: PhoneRequest,
    proof: Proof,
    { address, at, identification }: Claim,
    target: Target | undefined,
  ): void {
    const { writer, fleet } = this.#options;
    const { id: deviceId } = device;
    writer.note({ type: 'seen', deviceId, at, address, ...ofVendor(identification, device) });
    if (proof.kind === 'login' && (proof.firstUse || at - proof.lastUsedAt > USE_NOTED)) {
      writer.note({ type: 'login-used', deviceId, at, address });
    }
    const driver = fleet.driver(device.vendor ?? '');
    if (
      driver?.bootEvidence({ ...phone, query: target?.query ?? '' }) === true &&
      !this.#boots.has(String(deviceId), at)
    ) {
      const detail = { by: 'request' };
      writer.note({ type: 'reported', deviceId, at, address, kind: 'boot', detail });
    }
  }

  async #enrol(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target | undefined,
    device: ServedDevice,
    { address, at }: Claim,
  ): Promise<Outcome> {
    const { access, source, fleet, writer, now } = this.#options;
    if (target === undefined || namesAnother(fleet.drivers, `/${target.name}`, device)) {
      end(request, response, 404);
      return 'enrolment';
    }
    const files = await enrolmentFor({ ...source, base: fleet.base }, device);
    const driver = fleet.driver(device.vendor ?? '');
    const wanted = fileFor(driver, device, target.name, (name) =>
      files.find((file) => file.name.toLowerCase() === name),
    );
    if (wanted === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
      end(request, response, 404);
      return 'enrolment';
    }
    const { body, contentType, name } = wanted;
    // Neither tag nor date mean anything here: the file is fetched once or twice and never again.
    sendBytes(request, response, { size: body.length, contentType, etag: '"enrolment"', modified: now() }, body);
    if (request.method === 'GET') {
      const evidence = { deviceId: device.id, at, kind: 'enrolment' as const, address, detail: { name } };
      writer.note({ type: 'evidence', evidence });
      access.issued(device, at);
    }
    return 'enrolment';
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target | undefined,
    device: ServedDevice,
    claim: Claim,
  ): Promise<Outcome> {
    const { fleet, uploads } = this.#options;
    const path = `/${target?.name ?? ''}`;
    if (target === undefined || target.name === '' || namesAnother(fleet.drivers, path, device)) {
      end(request, response, 404);
      return 'own';
    }
    const upload = this.#uploadName(device, target.name);
    if (request.method === 'PUT' || request.method === 'POST') {
      if (upload === undefined) end(request, response, 404);
      else await this.#receive(request, response, device, upload, claim);
      return 'upload';
    }
    const rendering = await this.#rendering(device, claim.identification);
    const driver = fleet.driver(device.vendor ?? '');
    const file = fileFor(driver, device, target.name, (name) => rendering.files.get(name));
    if (file !== undefined) {
      const facts = { ...file, size: file.body.length };
      const { status } = sendBytes(request, response, facts, file.body);
      this.#noteServed(request, device, claim, file.name, rendering.digest, status);
      return 'own';
    }
    const size = upload === undefined ? undefined : await uploads.sizeOf(device, upload);
    if (size !== undefined && request.method === 'HEAD') {
      end(request, response, 200, { 'content-length': size });
      return 'upload';
    }
    if (await this.#sendStatic(request, response, target.name)) return 'static';
    end(request, response, 404);
    return 'own';
  }

  /** The device's own upload name that this is, as its driver spells it in lower case. */
  #uploadName(device: ServedDevice, name: string): string | undefined {
    const driver = this.#options.fleet.driver(device.vendor ?? '');
    if (driver === undefined || device.vendor === null) return undefined;
    const wanted = name.toLowerCase();
    const files = driver.files({
      ...(device.mac !== null && { mac: device.mac }),
      ...(device.serial !== null && { serial: device.serial }),
      ...(device.model !== null && { model: device.model }),
      ...(device.firmware !== null && { firmware: device.firmware }),
      vendor: driver.vendor,
      name: device.name,
      lines: [],
    });
    return files.find((file) => file.kind === 'upload' && file.name.toLowerCase() === wanted)?.name.toLowerCase();
  }

  async #receive(
    request: IncomingMessage,
    response: ServerResponse,
    device: ServedDevice,
    name: string,
    { address, at }: Claim,
  ): Promise<void> {
    const { uploads, writer } = this.#options;
    const { status, headers } = await uploads.receive(request, device, name);
    end(request, response, status, headers);
    if (status >= 300) return;
    const evidence = { deviceId: device.id, at, kind: 'upload' as const, address, detail: { name } };
    writer.note({ type: 'evidence', evidence });
  }

  async #rendering(stored: ServedDevice, identification: Identification | undefined): Promise<Rendering> {
    const { cache, source, fleet } = this.#options;
    // What this very request says of the phone counts before what was said last time has reached the store.
    const { model, firmware } = ofVendor(identification, stored);
    const device = { ...stored, model: stored.model ?? model ?? null, firmware: firmware ?? stored.firmware };
    const { base } = fleet;
    const key = [
      device.version,
      device.siteVersion,
      device.provisioning,
      device.vendor,
      device.model,
      device.firmware,
      base.revision,
      ...source.layers.map((layer) => layer.revision?.(device) ?? ''),
    ].join('|');
    return cache.get(device.id, key, () => configurationFor({ ...source, base }, device));
  }

  #noteServed(
    request: IncomingMessage,
    device: ServedDevice,
    { at, address }: Claim,
    name: string,
    digest: string,
    status: FileAnswer['status'],
  ): void {
    if (request.method !== 'GET' || (status !== 200 && status !== 304)) return;
    this.#options.writer.note({ type: 'served', deviceId: device.id, at, address, name, digest, status });
  }

  #sendAuthority(request: IncomingMessage, response: ServerResponse): boolean {
    const { caCertificate } = this.#options.fleet.base;
    if (caCertificate === undefined) return false;
    const body = Buffer.from(caCertificate);
    const contentType = 'application/x-pem-file';
    sendBytes(request, response, { size: body.length, contentType, etag: '"ca"', modified: 0 }, body);
    return true;
  }

  async #sendStatic(request: IncomingMessage, response: ServerResponse, name: string): Promise<boolean> {
    const found = await this.#options.tree?.find(name);
    if (found === undefined) return false;
    const { handle, facts } = found;
    const answer = answerFor(request, facts);
    response.writeHead(answer.status, answer.headers);
    if (request.method === 'HEAD' || !('start' in answer) || answer.end === answer.start) {
      await handle.close();
      response.end();
      return true;
    }
    const stream = handle.createReadStream({ start: answer.start, end: answer.end - 1 });
    // A phone that hangs up in the middle is no error of ours; the stream closes its file either way.
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
    return true;
  }

  /** Broken rendering of one phone, a locked store: this phone comes back later, the others notice nothing. */
  #failed(request: IncomingMessage, response: ServerResponse, address: string, error: unknown): Handled {
    const why = isPhonectlError(error) ? `${error.code}: ${error.message}` : String(error);
    if (response.headersSent || request.destroyed) response.destroy();
    else end(request, response, 503, { 'retry-after': RETRY_AFTER });
    return { outcome: 'error', address, path: loggedPath(request), why };
  }
}

/** Ends with an empty body. A request body that is still coming is let run out, or costs the connection. */
export function end(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number | string[]>> = {},
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const open = !request.complete && (encoding !== undefined || Number(length ?? 0) > DRAINED);
  response.writeHead(status, { 'content-length': 0, ...headers, ...(open && { connection: 'close' }) });
  response.end();
  if (!open) request.resume();
}

/** Facts that a request tells of itself count only when they are of the vendor that the device has. */
function ofVendor(
  identification: Identification | undefined,
  device: ServedDevice,
): { vendor?: string; model?: string; firmware?: string } {
  if (identification === undefined || (device.vendor !== null && identification.vendor !== device.vendor)) return {};
  const { vendor, model, firmware } = identification;
  return { vendor, ...(model !== undefined && { model }), ...(firmware !== undefined && { firmware }) };
}

function deviceName({ mac, serial, id }: ServedDevice): string {
  return mac ?? serial ?? String(id);
}

const LONGEST_LOGGED = 256;

/** Without the query, and without an event's secret wherever it stands. */
function loggedPath(request: IncomingMessage): string {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return path.replace(/\/e\/[^/]+/g, '/e/…').slice(0, LONGEST_LOGGED);
}
