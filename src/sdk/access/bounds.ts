/**
 * How long, and from where, a caller may act at all. Nobody hands on a longer time or a wider place than their own: else a
 * key that was lent for a week could make itself one for ever, and a delegation could prolong itself (ENT-11).
 */
import { encloses, parseCidr } from '../../domain/subnet.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';
import { isoTime } from './inputs.ts';

export interface Bounds {
  /** Milliseconds since 1970; null for no end. */
  readonly until: number | null;
  /** In CIDR form; empty for everywhere. */
  readonly networks: readonly string[];
}

const NONE: Bounds = { until: null, networks: [] };

/**
 * Throws `forbidden` when `given` lasts longer, or holds in more networks, than the caller's own access. What is not bound to
 * networks at all, such as a user, is left to its end.
 */
export async function checkBounds(
  context: Pick<OperationContext, 'actor'>,
  repositories: Pick<Repositories, 'users' | 'keys'>,
  given: Pick<Bounds, 'until'> & Partial<Bounds>,
): Promise<void> {
  const own = await boundsOf(context, repositories);
  if (own.until !== null && (given.until === null || given.until > own.until)) {
    throw new PhonectlError('forbidden', `Your own access ends at ${isoTime(own.until)}; this would last longer.`, {
      hints: ['Let it end by then.'],
    });
  }
  if (given.networks !== undefined && own.networks.length > 0 && !isWithin(given.networks, own.networks)) {
    throw new PhonectlError('forbidden', 'This would hold in networks that your own access key does not hold in.', {
      hints: [`Yours are ${own.networks.join(', ')}.`],
    });
  }
}

async function boundsOf(
  { actor }: Pick<OperationContext, 'actor'>,
  { users, keys }: Pick<Repositories, 'users' | 'keys'>,
): Promise<Bounds> {
  if (actor.kind === 'user') {
    const user = await users.find(actor.name);
    return user === undefined ? over() : { until: user.expiresAt, networks: [] };
  }
  if (actor.kind !== 'key') return NONE;
  const key = await keys.find(actor.name);
  return key === undefined ? over() : { until: key.expiresAt, networks: key.networks };
}

/** Whoever has been deleted meanwhile. */
function over(): never {
  throw new PhonectlError('forbidden', 'Your own access has ended.');
}

function isWithin(networks: readonly string[], own: readonly string[]): boolean {
  if (networks.length === 0) return false;
  return networks.every((network) => own.some((each) => encloses(parseCidr(each)!.cidr, parseCidr(network)!.cidr)));
}
