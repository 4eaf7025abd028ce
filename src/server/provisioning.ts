/** One request of a phone from beginning to end: who asks, what it may have, the answer, and what was learnt. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isPhonectlError } from '../sdk/errors.ts';
import type { ServedDevice } from '../sdk/ports/serving.ts';
import type { Identification, PhoneRequest } from '../vendors/driver.ts';
import { bestOf, CA_FILE } from '../vendors/registry.ts';
import type { Access, Claim } from './access.ts';
import { deviceName, end, type Handled } from './answers.ts';
import type { Authenticator, Proof } from './authentication.ts';
import type { Delivery, Exchange } from './delivery.ts';
import { sendBytes } from './file-response.ts';
import type { Fleet } from './fleet.ts';
import type { Learning } from './learning.ts';
import { macOf } from './names.ts';
import { clientAddress, type Networks } from './networks.ts';
import { parseEventName, type Receiver } from './receiver.ts';
import type { Rendering } from './render-cache.ts';
import { parseTarget, withoutBase } from './target.ts';

export interface ProvisioningOptions {
  readonly fleet: Fleet;
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly receiver: Receiver;
  readonly delivery: Delivery;
  readonly learning: Learning;
  readonly proxies: Networks | undefined;
  readonly now: () => number;
}

/** A phone that is refused for now should come back after so many seconds. */
const RETRY_AFTER = 30;
/** So long is a connection believed without looking again (milliseconds). */
const SESSION = 5_000;
const MOST_REMEMBERED = 5_000;
const LONGEST_REMEMBERED = 200;
const METHODS = ['GET', 'HEAD', 'PUT', 'POST'];

/**
 * What a connection has proved, for its next requests: good as long as it shows the same header and nothing in the store
 * has changed. A phone fetches four to twelve files one after the other.
 */
interface Session {
  readonly generation: number;
  /** Milliseconds since the epoch; a login that was replaced ends by the clock. */
  readonly until: number;
  readonly authorization: string | undefined;
  readonly userAgent: string;
  readonly device: ServedDevice;
  readonly claim: Claim;
  readonly by: string;
  rendering: Promise<Rendering> | undefined;
}

export class Provisioning {
  readonly #options: ProvisioningOptions;
  readonly #sessions = new WeakMap<Socket, Session>();
  /** What User-Agents say of their phones. */
  readonly #userAgents = new Map<string, Identification>();

  constructor(options: ProvisioningOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<Handled> {
    const { fleet, proxies } = this.#options;
    const address = clientAddress(request, proxies);
    try {
      if (fleet.isDue()) await fleet.refresh();
      return await this.#answer(request, response, address);
    } catch (error) {
      return this.#failed(request, response, address, error);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<Handled> {
    const { fleet, receiver } = this.#options;
    if (!METHODS.includes(request.method ?? '')) {
      end(request, response, 405, { allow: METHODS.join(', ') });
      return { outcome: 'refused', address };
    }
    const parsed = parseTarget(request.url ?? '');
    const target = parsed && { name: withoutBase(parsed.name, fleet.basePath), query: parsed.query };
    const event = target && parseEventName(target.name);
    if (target !== undefined && event !== undefined) {
      const { status, headers, device, page } = await receiver.receive(request, event, target.query, address);
      if (page === undefined) end(request, response, status, headers);
      else response.writeHead(status, { 'content-type': page.contentType, 'cache-control': 'no-store' }).end(page.body);
      return { outcome: 'event', address, ...(device && { device: deviceName(device) }) };
    }
    if (target?.name === CA_FILE && this.#sendAuthority(request, response)) {
      return { outcome: 'static', address };
    }
    return this.#provision({ request, response, target }, address);
  }

  async #provision(exchange: Exchange, address: string): Promise<Handled> {
    const { request, response, target } = exchange;
    const { access, delivery, learning } = this.#options;
    const known = this.#sessionOf(request);
    if (known !== undefined) return this.#serve(exchange, known);
    const { claim, phone } = await this.#claimOf(exchange, address);
    const decision = await access.decide(claim);
    const handled = { address };
    switch (decision.kind) {
      case 'denied':
        this.#deny(request, response, claim);
        return { ...handled, outcome: 'denied', why: decision.why };
      case 'stranger':
        end(request, response, 404);
        return { ...handled, outcome: 'denied', why: 'shared account, no device' };
      case 'enrolment': {
        const { device } = decision;
        learning.seen(device, claim);
        learning.booted(device, this.#options.fleet.driver(device.vendor), withQuery(phone, target?.query), claim);
        const outcome = await delivery.enrol(exchange, device, claim);
        return { ...handled, outcome, device: deviceName(device), by: 'window' };
      }
      case 'own': {
        const session = this.#remember(request, claim, decision);
        return this.#serve(exchange, session);
      }
    }
  }

  /** What the request says of the one who asks. */
  async #claimOf({ request, target }: Exchange, address: string): Promise<{ claim: Claim; phone: PhoneRequest }> {
    const { fleet, authenticator, proxies, now } = this.#options;
    const certificate = fleet.certificates.of(request, proxies);
    const proof = await authenticator.prove(request, address);
    const phone: PhoneRequest = {
      method: request.method ?? 'GET',
      path: `/${target?.name ?? ''}`,
      userAgent: request.headers['user-agent'] ?? '',
      ...(certificate !== undefined && { certificateSubject: certificate.subject }),
    };
    const identification = this.#identify(proof, phone);
    // Only those who prove nothing of their own are taken by what they name.
    const named = proof.kind === 'login' ? undefined : macOf(fleet.drivers, phone.path);
    const claim = {
      address,
      certificate,
      proof,
      identification,
      mac: named ?? identification?.mac,
      own: named !== undefined,
      userAgent: phone.userAgent,
      at: now(),
    };
    return { claim, phone };
  }

  /** A login says whose phone it is: only that vendor's driver is asked, once for each User-Agent. */
  #identify(proof: Proof, phone: PhoneRequest): Identification | undefined {
    const { fleet } = this.#options;
    const driver = proof.kind === 'login' ? fleet.driver(proof.device.vendor) : undefined;
    if (driver === undefined) return bestOf(fleet.drivers, phone);
    const key = `${driver.vendor} ${phone.userAgent}`;
    const known = this.#userAgents.get(key);
    if (known !== undefined) return known;
    const found = driver.identify(phone);
    if (found === undefined || phone.userAgent.length > LONGEST_REMEMBERED) return found;
    const { vendor, score, model, firmware } = found;
    const general = {
      vendor,
      score,
      ...(model !== undefined && { model }),
      ...(firmware !== undefined && { firmware }),
    };
    if (this.#userAgents.size >= MOST_REMEMBERED) this.#userAgents.clear();
    this.#userAgents.set(key, general);
    return general;
  }

  #sessionOf(request: IncomingMessage): Session | undefined {
    const { fleet, now } = this.#options;
    const session = this.#sessions.get(request.socket);
    const same =
      session !== undefined &&
      session.generation === fleet.generation &&
      session.until > now() &&
      session.authorization === request.headers.authorization &&
      session.userAgent === (request.headers['user-agent'] ?? '');
    return same ? session : undefined;
  }

  #remember(request: IncomingMessage, claim: Claim, { device, by }: { device: ServedDevice; by: string }): Session {
    const { fleet, proxies } = this.#options;
    const { authorization } = request.headers;
    const { generation } = fleet;
    const until = claim.at + SESSION;
    const session = {
      generation,
      until,
      authorization,
      userAgent: claim.userAgent,
      device,
      claim,
      by,
      rendering: undefined,
    };
    // A Digest header is good for one request; a proxy's connection carries many phones.
    const once = by === 'login' && /^digest /i.test(authorization ?? '');
    if (!once && proxies === undefined) this.#sessions.set(request.socket, session);
    return session;
  }

  async #serve(exchange: Exchange, session: Session): Promise<Handled> {
    const { delivery, learning, fleet, now } = this.#options;
    const { request, target } = exchange;
    const { device, by } = session;
    const claim: Claim = { ...session.claim, at: now() };
    learning.seen(device, claim);
    const phone = {
      method: request.method ?? 'GET',
      path: `/${target?.name ?? ''}`,
      userAgent: claim.userAgent,
      query: target?.query ?? '',
    };
    learning.booted(device, fleet.driver(device.vendor), phone, claim);
    const outcome = await delivery.serve(exchange, device, claim, () => {
      session.rendering ??= delivery.rendering(device, claim);
      return session.rendering;
    });
    return { outcome, address: claim.address, device: deviceName(device), by };
  }

  /** The same for a MAC that we know and one that we do not: status, headers, body (security.md decision 1). */
  #deny(request: IncomingMessage, response: ServerResponse, claim: Claim): void {
    const { authenticator, learning } = this.#options;
    const stale = claim.proof.kind === 'none' && claim.proof.stale;
    end(request, response, 401, { 'www-authenticate': authenticator.challenges(claim.address, stale) });
    // After the answer, so that it takes no time of it.
    setImmediate(() => learning.stranger(claim));
  }

  /** Our CA is public, and phones fetch it before they can log in anywhere. */
  #sendAuthority(request: IncomingMessage, response: ServerResponse): boolean {
    const { caCertificate } = this.#options.fleet.base;
    if (caCertificate === undefined) return false;
    const body = Buffer.from(caCertificate);
    const contentType = 'application/x-pem-file';
    sendBytes(request, response, { size: body.length, contentType, etag: '"ca"', modified: 0 }, body);
    return true;
  }

  /** Broken rendering of one phone, a locked store: this phone comes back later, the others notice nothing. */
  #failed(request: IncomingMessage, response: ServerResponse, address: string, error: unknown): Handled {
    const why = isPhonectlError(error) ? `${error.code}: ${error.message}` : String(error);
    if (response.headersSent || request.destroyed) response.destroy();
    else end(request, response, 503, { 'retry-after': RETRY_AFTER });
    return { outcome: 'error', address, why };
  }
}

function withQuery(phone: PhoneRequest, query = ''): PhoneRequest & { readonly query: string } {
  return { ...phone, query };
}
