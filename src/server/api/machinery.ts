/** What every call of the API has at hand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gatekeeper, Principal } from '../../sdk/access/gatekeeper.ts';
import type { Installation } from '../../sdk/door.ts';
import type { Idempotency } from './idempotency.ts';
import type { Limits } from './limits.ts';
import type { Runs } from './runs.ts';
import type { Watch } from './watch.ts';

export interface Machinery {
  readonly installation: Installation;
  readonly gatekeeper: Gatekeeper;
  readonly runs: Runs;
  readonly idempotency: Idempotency;
  readonly watch: Watch;
  readonly limits: Limits;
  /** Hears what went wrong on our side. */
  readonly report: (error: unknown) => void;
}

export interface Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly principal: Principal;
}
