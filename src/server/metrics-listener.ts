/** `--metrics`: plain HTTP for Prometheus. */
import http, { type Server } from 'node:http';
import type { FactWriter } from '../sdk/ports/facts.ts';
import { end } from './answers.ts';
import type { Admission } from './connections.ts';
import { HTTP_OPTIONS } from './http-options.ts';
import type { Metrics } from './metrics.ts';
import type { RenderCache } from './render-cache.ts';

export interface Measured {
  readonly admission: Admission;
  readonly cache: RenderCache;
  readonly writer: FactWriter;
}

/** A server for `GET /metrics`, with the gauges of these parts beside what `metrics` counts. */
export function metricsServer(metrics: Metrics, { admission, cache, writer }: Measured): Server {
  metrics.expose('phonectl_connections', 'Open connections.', () => admission.connections);
  metrics.expose('phonectl_requests_in_flight', 'Requests being answered.', () => admission.requests);
  metrics.expose(
    'phonectl_connections_refused_total',
    'Connections over the limits.',
    () => admission.refused,
    'counter',
  );
  metrics.expose('phonectl_render_cache_bytes', 'Bytes of rendered files kept.', () => cache.size);
  metrics.expose('phonectl_render_cache_hits_total', 'Renderings found.', () => cache.hits, 'counter');
  metrics.expose('phonectl_render_cache_misses_total', 'Renderings made.', () => cache.misses, 'counter');
  metrics.expose('phonectl_facts_pending', 'Facts waiting to be written.', () => writer.statistics().pending);
  metrics.expose('phonectl_facts_dropped_total', 'Facts that were lost.', () => writer.statistics().dropped, 'counter');
  return http.createServer(HTTP_OPTIONS, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      end(request, response, 404);
      return;
    }
    const body = metrics.text();
    response.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
}
