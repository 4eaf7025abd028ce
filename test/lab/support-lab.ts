/** Starts labs for tests and ends what was started. */

import type { IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { type Lab, type LabEvent, type LabOptions, type LabPhoneSpec, startLab } from '../../src/lab/index.ts';
import { type FakeServer, type ServerOptions, startServer } from './support.ts';

export interface Bench {
  server: FakeServer;
  lab: Lab;
  events: LabEvent[];
}

/** Per test: a fresh server, and whatever lab the test starts; both are gone afterwards. */
export function useBench(options: ServerOptions = {}): {
  bench: Bench;
  boot(specs: LabPhoneSpec[], more?: Partial<LabOptions>): Promise<Lab>;
} {
  const bench = {} as Bench;
  let started: Lab | undefined;
  beforeEach(async () => {
    bench.server = await startServer(options);
    bench.events = [];
    started = undefined;
  });
  afterEach(async () => {
    await started?.stop();
    await bench.server.stop();
  });
  async function boot(phones: LabPhoneSpec[], more: Partial<LabOptions> = {}): Promise<Lab> {
    started = await startLab({
      phones,
      ca: bench.server.ca,
      sipPort: 0,
      speed: 600,
      onEvent: (event) => bench.events.push(event),
      ...more,
    });
    bench.lab = started;
    return started;
  }
  return { bench, boot };
}

/** Waits until every phone is in the state and has reported what it had to. */
export async function settled(lab: Lab, state = 'running', timeout = 5000): Promise<void> {
  await lab.waitFor(() => lab.status().every((phone) => phone.state === state), timeout);
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  json(): Record<string, unknown>;
}

/** One HTTPS request to a phone, whose certificate names no host. */
export function ask(
  url: string,
  options: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    auth?: string;
    ca?: string;
    timeout?: number;
    /** Give up after so many bytes. */
    most?: number;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      url,
      {
        method: options.method ?? 'GET',
        headers: {
          ...options.headers,
          ...(options.body !== undefined && { 'Content-Length': Buffer.byteLength(options.body) }),
        },
        agent: false,
        rejectUnauthorized: options.ca !== undefined,
        checkServerIdentity: () => undefined,
        ...(options.ca !== undefined && { ca: options.ca }),
        ...(options.auth !== undefined && { auth: options.auth }),
        timeout: options.timeout ?? 5000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size >= (options.most ?? Number.POSITIVE_INFINITY))
            response.destroy(new Error(`${options.most} bytes and more`));
        });
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            json: () => JSON.parse(body.toString('utf8')),
          });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(options.body);
  });
}
