/** What all listeners of HTTP share. */
import { type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { TIMEOUTS } from './connections.ts';

/** An answer that knows how many bytes it promised. */
export class CountedResponse extends ServerResponse {
  bodyBytes = 0;

  override writeHead(status: number, ...rest: unknown[]): this {
    const headers = rest.at(-1) as OutgoingHttpHeaders | undefined;
    this.bodyBytes = Number(headers?.['content-length'] ?? 0);
    return super.writeHead(status, headers);
  }
}

export const HTTP_OPTIONS = {
  // The type parameter would spread through every signature and say nothing there.
  ServerResponse: CountedResponse as unknown as typeof ServerResponse,
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
  connectionsCheckingInterval: TIMEOUTS.check,
  requireHostHeader: false,
  noDelay: true,
} as const;
