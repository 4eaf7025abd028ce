/** A small provisioning server and a certificate for it, written for the lab's tests alone. */
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { LabFaults, LabPhoneSpec, LabVendor } from '../../src/lab/index.ts';

export interface Seen {
  method: string;
  path: string;
  userAgent: string;
  authorization: string;
  headers: IncomingMessage['headers'];
  body: string;
  status: number;
  from: string;
  port: number;
  certificate: X509Certificate | undefined;
}

export interface Auth {
  scheme: 'basic' | 'digest';
  username: string;
  password: string;
}

export interface FakeServer {
  url: string;
  ca: string;
  seen: Seen[];
  /** What is served: path → body, or a function that answers by itself. */
  files: Map<string, string | Buffer | ((request: IncomingMessage, response: ServerResponse, body: Buffer) => void)>;
  /** Requests need these credentials, by Digest or Basic; null: none. A function decides by path. */
  auth: Auth | null | ((path: string) => Auth | null);
  paths(): string[];
  stop(): Promise<void>;
}

export interface ServerOptions {
  notBefore?: Date;
  /** What the certificate names; default 127.0.0.1. */
  host?: string;
  /** Ask phones for a certificate; take any. */
  requestCert?: boolean;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function certificate(options: ServerOptions): Promise<{ ca: string; cert: string; key: string }> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const pair = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const notBefore = options.notBefore ?? new Date('2020-01-01T00:00:00Z');
  const notAfter = new Date('2040-01-01T00:00:00Z');
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex'),
    name: `CN=test ca ${randomBytes(4).toString('hex')}`,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=prov',
    issuer: root.subject,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: pair.publicKey,
    signingKey: keys.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: options.host ?? '127.0.0.1' }])],
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
  return { ca: root.toString('pem'), cert: leaf.toString('pem'), key: x509.PemConverter.encode(der, 'PRIVATE KEY') };
}

export async function startServer(options: ServerOptions = {}): Promise<FakeServer> {
  const { ca, cert, key } = await certificate(options);
  const nonce = randomBytes(8).toString('hex');
  const server = https.createServer({
    cert,
    key,
    requestCert: options.requestCert ?? false,
    rejectUnauthorized: false,
  });
  const fake: FakeServer = {
    url: '',
    ca,
    seen: [],
    files: new Map(),
    auth: null,
    paths: () => fake.seen.map(({ method, path }) => `${method} ${path}`),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('request', (request, response) => void answer(fake, nonce, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  fake.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return fake;
}

async function answer(
  fake: FakeServer,
  nonce: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const path = decodeURI(request.url ?? '');
  const socket = request.socket as TLSSocket;
  response.on('finish', () =>
    fake.seen.push({
      method: request.method ?? '',
      path,
      userAgent: request.headers['user-agent'] ?? '',
      authorization: request.headers.authorization ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      status: response.statusCode,
      from: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
      certificate: peer(socket),
    }),
  );
  const auth = typeof fake.auth === 'function' ? fake.auth(path) : fake.auth;
  if (auth !== null && !isAuthorised(auth, nonce, request)) {
    const challenge =
      auth.scheme === 'basic' ? 'Basic realm="prov"' : `Digest realm="prov", qop="auth", nonce="${nonce}"`;
    response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    return;
  }
  const file = fake.files.get(path);
  if (typeof file === 'function') return file(request, response, Buffer.concat(chunks));
  if (request.method === 'PUT' || request.method === 'POST') {
    fake.files.set(path, Buffer.concat(chunks));
    response.writeHead(201).end();
    return;
  }
  if (file === undefined) response.writeHead(404, { 'Content-Length': 0 }).end();
  else
    response
      .writeHead(200, { 'Content-Length': Buffer.byteLength(file) })
      .end(request.method === 'HEAD' ? undefined : file);
}

function peer(socket: TLSSocket): X509Certificate | undefined {
  const raw = socket.getPeerCertificate()?.raw;
  return raw === undefined ? undefined : new X509Certificate(raw);
}

function isAuthorised(auth: Auth, nonce: string, request: IncomingMessage): boolean {
  const header = request.headers.authorization ?? '';
  if (auth.scheme === 'basic')
    return header === `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  const field = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(header)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const ha1 = md5(`${auth.username}:prov:${auth.password}`);
  const ha2 = md5(`${request.method}:${field('uri')}`);
  const expected = md5(`${ha1}:${nonce}:${field('nc')}:${field('cnonce')}:auth:${ha2}`);
  return field('username') === auth.username && field('uri') === request.url && field('response') === expected;
}

let lastAddress = 10;

/** A phone of its own address in a network that only these tests use. */
export function phone(
  vendor: LabVendor,
  model: string,
  server: string,
  more: Partial<LabPhoneSpec> & { faults?: LabFaults } = {},
): LabPhoneSpec {
  const number = ++lastAddress;
  const oui = { poly: '0004f2', yealink: '805ec0', cisco: '00562b' }[vendor];
  return {
    mac: `${oui}${number.toString(16).padStart(6, '0')}`,
    vendor,
    model,
    address: `127.77.${number >> 8}.${number & 255}`,
    server,
    ...more,
  };
}

/** Does `part` occur in `all` in its order, other things between allowed? */
export function isSubsequence(part: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const item of all) if (item === part[at]) at++;
  return at === part.length;
}
