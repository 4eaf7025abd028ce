/** Bare HTTPS requests for tests of what is on the wire. */
import { request } from 'node:https';
import type { TestApi } from './api.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
  /** The body as lines of JSON. */
  lines(): unknown[];
}

export interface HttpRequest {
  readonly method?: string;
  readonly key?: { readonly id: string; readonly secret: string } | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends one request on a connection of its own and reads the whole answer. */
export function ask(test: TestApi, path: string, options: HttpRequest = {}): Promise<HttpAnswer> {
  const { method = 'POST', key, headers = {}, body } = options;
  const bearer = typeof key === 'string' ? key : key && `${key.id}.${key.secret}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${test.server}${path}`,
      {
        method,
        ca: test.ca,
        agent: false,
        headers: {
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: <T>() => JSON.parse(text) as T,
            lines: () =>
              text
                .split('\n')
                .filter((line) => line !== '')
                .map((line) => JSON.parse(line) as unknown),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
