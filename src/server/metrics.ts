/** Counters for Prometheus (text exposition format 0.0.4). */

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Outcome = 'own' | 'enrolment' | 'denied' | 'event' | 'upload' | 'static' | 'refused' | 'error';

export class Metrics {
  readonly #requests = new Map<Outcome, Map<number, number>>();
  readonly #buckets = BUCKETS.map(() => 0);
  #count = 0;
  #seconds = 0;
  #bytes = 0;
  readonly #gauges = new Map<string, { help: string; type: 'gauge' | 'counter'; read: () => number }>();

  /** Notes an answered request. */
  request(outcome: Outcome, status: number, milliseconds: number, bytes: number): void {
    let byStatus = this.#requests.get(outcome);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.#requests.set(outcome, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    const seconds = milliseconds / 1000;
    // Counted in its own bucket; the text adds up, as the format wants.
    const index = BUCKETS.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#count += 1;
    this.#seconds += seconds;
    this.#bytes += bytes;
  }

  /** Shows a value that is read when somebody asks. */
  expose(name: string, help: string, read: () => number, type: 'gauge' | 'counter' = 'gauge'): void {
    this.#gauges.set(name, { help, type, read });
  }

  get requests(): number {
    return this.#count;
  }

  #upTo(index: number): number {
    return this.#buckets.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
  }

  text(): string {
    const lines = [
      '# HELP phonectl_requests_total Requests of phones by outcome and status.',
      '# TYPE phonectl_requests_total counter',
      ...Array.from(this.#requests, ([outcome, counts]) =>
        Array.from(
          counts,
          ([status, count]) => `phonectl_requests_total{outcome="${outcome}",status="${status}"} ${count}`,
        ),
      ).flat(),
      '# HELP phonectl_request_seconds Time from the request line to the end of the answer.',
      '# TYPE phonectl_request_seconds histogram',
      ...BUCKETS.map((bound, index) => `phonectl_request_seconds_bucket{le="${bound}"} ${this.#upTo(index)}`),
      `phonectl_request_seconds_bucket{le="+Inf"} ${this.#count}`,
      `phonectl_request_seconds_sum ${this.#seconds}`,
      `phonectl_request_seconds_count ${this.#count}`,
      '# HELP phonectl_sent_bytes_total Bytes of answers.',
      '# TYPE phonectl_sent_bytes_total counter',
      `phonectl_sent_bytes_total ${this.#bytes}`,
    ];
    for (const [name, { help, type, read }] of this.#gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${read()}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
