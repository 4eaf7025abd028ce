/** A fleet on a throw-away home, served on free loopback ports by this process, and a phone's end of the wire. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { authorityCertificate } from '../../src/sdk/certificates/authority.ts';
import { newCredential, openCredential } from '../../src/sdk/configuration/credentials.ts';
import type { Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Evidence } from '../../src/sdk/ports/evidence.ts';
import { readSharedAccount, type SharedAccount } from '../../src/sdk/settings/shared-account.ts';
import type { AccessEntry, RunningServer, ServerOptions } from '../../src/server/server.ts';
import { startServer } from '../../src/server/server.ts';
import { makeHome, type TestHome } from '../support/home.ts';

export const USER_AGENTS = {
  poly: 'FileTransport PolycomVVX-VVX_450-UA/6.4.4.8275 Type/Application',
  yealink: 'Yealink SIP-T54W 96.86.0.75',
  cisco: 'Cisco-CP-8841-3PCC/12.0.1',
} as const;

export type Vendor = keyof typeof USER_AGENTS;

const MODELS: Readonly<Record<Vendor, string>> = { poly: 'VVX 450', yealink: 'T54W', cisco: '8841' };
const OUIS: Readonly<Record<Vendor, string>> = { poly: '0004f2', yealink: '805ec0', cisco: '00562b' };

export interface TestPhone {
  readonly id: number;
  readonly mac: string;
  readonly vendor: Vendor;
  readonly login: SharedAccount;
  readonly eventSecret: string;
}

/** MAC of the nth phone of a vendor. */
export function macOf(vendor: Vendor, n: number): string {
  return `${OUIS[vendor]}${(0x100000 + n).toString(16)}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly login?: SharedAccount | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly userAgent?: string;
  readonly agent?: Agent;
  readonly port?: number;
  readonly from?: string;
  readonly client?: { readonly cert: string; readonly key: string };
}

export class TestServer implements AsyncDisposable {
  readonly home: TestHome;
  readonly installation: Installation;
  readonly server: RunningServer;
  readonly shared: SharedAccount;
  readonly ca: string;
  readonly log: AccessEntry[];
  readonly #agent: Agent;

  private constructor(
    home: TestHome,
    installation: Installation,
    server: RunningServer,
    shared: SharedAccount,
    log: AccessEntry[],
  ) {
    this.home = home;
    this.installation = installation;
    this.server = server;
    this.shared = shared;
    this.log = log;
    this.ca = authorityCertificate(installation.home) ?? '';
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ca: this.ca });
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
    const home = await makeHome({ certificates: true });
    const installation = await openInstallation({ home: home.path });
    const log: AccessEntry[] = [];
    const server = await startServer(installation, {
      listen: [{ host: '127.0.0.1', port: 0 }],
      proxies: [],
      reusePort: false,
      onAccess: (entry) => log.push(entry),
      ...options,
    });
    const shared = await readSharedAccount(installation.store.read.settings, installation.secrets);
    if (shared === undefined) throw new Error('the home has no provisioning account');
    return new TestServer(home, installation, server, shared, log);
  }

  get port(): number {
    return this.server.addresses[0]?.port ?? 0;
  }

  /** Announces phones with one account each, and gives them their logins as an enrolment would. */
  async phones(vendor: Vendor, count: number, first = 0): Promise<TestPhone[]> {
    const { phonectl } = this.home;
    const { store, secrets } = this.installation;
    const phones: TestPhone[] = [];
    for (let n = first; n < first + count; n += 1) {
      const mac = macOf(vendor, n);
      await phonectl.accounts.add({
        accounts: [
          {
            type: 'sip',
            name: `${vendor}-${n}`,
            username: `${vendor}${n}`,
            password: `sip-secret-${mac}`,
            server: 'pbx.example.net',
          },
        ],
      });
      await phonectl.devices.add({
        devices: [
          { mac, vendor, model: MODELS[vendor], accounts: [{ account: `${vendor}-${n}` }], name: `${vendor} ${n}` },
        ],
      });
      const device = await (await store.serving()).deviceByMac(mac);
      if (device === undefined) throw new Error(`${mac} was not added`);
      const made = (['provisioning', 'admin', 'event'] as const).map((purpose) =>
        newCredential(secrets, device, purpose, Date.now()),
      );
      await store.transaction((repositories) => repositories.credentials.add(made));
      const open = new Map(
        (await store.read.credentials.list(device.id)).map((row) => [
          row.purpose,
          openCredential(secrets, device, row),
        ]),
      );
      const login = open.get('provisioning');
      if (login === undefined) throw new Error('no login');
      phones.push({ id: device.id, mac, vendor, login, eventSecret: open.get('event')?.password ?? '' });
    }
    return phones;
  }

  async phone(vendor: Vendor, n: number): Promise<TestPhone> {
    const [phone] = await this.phones(vendor, 1, n);
    if (phone === undefined) throw new Error('no phone');
    return phone;
  }

  ask(path: string, asked: Asked = {}): Promise<Answer> {
    const { method = 'GET', login, headers = {}, body, userAgent, port = this.port, from, client } = asked;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          ca: this.ca,
          agent: asked.agent ?? (from === undefined && client === undefined ? this.#agent : false),
          ...(from !== undefined && { localAddress: from }),
          ...client,
          headers: {
            ...(userAgent !== undefined && { 'user-agent': userAgent }),
            ...(login !== undefined && { authorization: basic(login) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              rawHeaders: response.rawHeaders,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Sends bytes as they are and collects what comes until the server closes. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = connectTls({ host: '127.0.0.1', port: this.port, ca: this.ca });
    await once(socket, 'secureConnect');
    return exchange(socket, bytes);
  }

  async evidence(deviceId: number): Promise<readonly Evidence[]> {
    return this.installation.store.read.evidence.latest(deviceId, 100);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.server.close();
    await this.installation.store.close();
    await this.home.remove();
  }
}

async function exchange(socket: TLSSocket, bytes: string | Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  const timer = setTimeout(() => socket.destroy(), 2_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return Buffer.concat(chunks).toString('latin1');
}

export function basic({ username, password }: SharedAccount): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A plain HTTP GET. */
export function askPlain(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

/** Waits until a condition holds; throws what it was waiting for. */
export async function until<T>(what: string, check: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + 5_000;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export { connectTcp };
