/**
 * Who is asking from elsewhere, and whether they still may: access keys, signed requests, sessions of users. Asked at every
 * request, and every half second for what runs (security.md F-19, S-06).
 */
import { contains, parseAddress, parseCidr } from '../../domain/subnet.ts';
import { nameKey } from '../../domain/text.ts';
import type { Caller, Installation } from '../door.ts';
import { PhonectlError } from '../errors.ts';
import { type AccessKey, keyProof, sameHash, tokenFingerprint } from '../keys/secret.ts';
import type { ParsedSignature, SignedParts } from '../keys/signature.ts';
import type { AnyOperation } from '../operation.ts';
import type { KeyProof, KeyRecord } from '../ports/keys.ts';
import type { Grant } from '../ports/roles.ts';
import { mayAct } from '../ports/users.ts';
import { narrow } from './grants.ts';
import { frozen, IDLE_TIME } from './login.ts';

/** What a request shows of itself. */
export type Credentials =
  | { readonly kind: 'key'; readonly key: AccessKey }
  | { readonly kind: 'signature'; readonly signature: ParsedSignature; readonly parts: SignedParts }
  | { readonly kind: 'session'; readonly token: string };

export interface Principal {
  readonly kind: 'key' | 'user' | 'anonymous';
  /** Id of the key, e-mail address of the user. */
  readonly name: string;
  readonly source: string;
  readonly session?: number;
  readonly grants: readonly Grant[];
  readonly mustChangePassword: boolean;
  /** Somebody outside who acts in the enterprise's name. */
  readonly delegated?: boolean;
  /** The proof that a key was recognised by: gone after a rotation and its grace. */
  readonly proof?: KeyProof;
}

/** How far the clocks of client and server may differ for a signed request. Milliseconds. */
const SKEW = 300_000;
/** How often a use is written down. Milliseconds. */
const NOTE_INTERVAL = 60_000;
const MOST_NONCES = 100_000;

/** May do what needs no credentials, such as signing in. */
const ANONYMOUS: readonly Grant[] = [{ permissions: ['auth:anonymous'], sites: [] }];
const EVERYBODY: Grant = { permissions: ['auth:self', 'auth:anonymous'], sites: [] };

export class Gatekeeper {
  readonly #installation: Installation;
  /** Nonces of signed requests and when they may be forgotten, oldest first. */
  readonly #nonces = new Map<string, number>();
  /** When a session was last seen, to the millisecond; the store lags behind by a minute at most. */
  readonly #seen = new Map<number, number>();
  readonly #noted = new Map<string, number>();

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  /** Recognises the caller. Throws `unauthenticated`, `session_expired`, `account_frozen`. */
  async recognise(credentials: Credentials | undefined, source: string): Promise<Principal> {
    if (credentials === undefined) {
      return { kind: 'anonymous', name: 'anonymous', source, grants: ANONYMOUS, mustChangePassword: false };
    }
    if (credentials.kind === 'session') return await this.#session(credentials.token, source);
    if (credentials.kind === 'key') {
      const { id } = credentials.key;
      const { verifier } = keyProof(credentials.key, this.#installation.secrets);
      return await this.#key(id, source, (proof) => sameHash(proof.verifier, verifier));
    }
    const { signature, parts } = credentials;
    const principal = await this.#key(signature.keyId, source, (proof) => signature.verify(parts, proof.publicKey));
    this.#checkFresh(signature);
    return principal;
  }

  /** The same caller once more, with what they may do by now; throws when they may not be here any longer. */
  async recheck(principal: Principal): Promise<Principal> {
    if (principal.kind === 'anonymous') return principal;
    if (principal.session !== undefined) {
      const session = await this.#installation.store.read.users.sessionById(principal.session);
      if (session === undefined) throw sessionOver();
      return await this.#sessionOf(session, principal.source);
    }
    return await this.#key(principal.name, principal.source, (proof) => proof.verifier === principal.proof?.verifier);
  }

  /** The caller of one operation: its permission, on the sites that it holds for. */
  caller(principal: Principal, operation: AnyOperation): Caller {
    if (principal.mustChangePassword && operation.permission !== 'auth:self') {
      throw new PhonectlError('password_change_required', 'This password has to be changed before anything else.', {
        hints: ['Change it with `phonectl auth passwd`.'],
      });
    }
    const actor = {
      kind: principal.kind,
      name: principal.name,
      source: principal.source,
      ...(principal.session !== undefined && { session: principal.session }),
      ...(principal.delegated && { delegated: true }),
    };
    return { actor, ...narrow(principal.grants, operation.permission) };
  }

  async #key(id: string, source: string, fits: (proof: KeyProof) => boolean): Promise<Principal> {
    const { store, clock } = this.#installation;
    const [key, proofs] = await Promise.all([store.read.keys.find(id), store.read.keys.proofs(id)]);
    const now = clock.now();
    const previous = key?.previousUntil != null && key.previousUntil > now ? proofs?.previous : undefined;
    const proof = [proofs?.current, previous].find((candidate) => candidate !== undefined && fits(candidate));
    if (key === undefined || key.keyId !== id || proof === undefined || !usable(key, source, now)) {
      throw new PhonectlError('unauthenticated', 'This access key is not good here.', {
        hints: [
          'It may be wrong, revoked, expired, or not meant for your address.',
          'On the server: `phonectl key show NAME`.',
        ],
      });
    }
    await this.#note(`key ${key.id}`, async () => {
      await store.transaction(({ keys }) => keys.used(key.id, source, now));
    });
    const roles = key.roles.map((role) => role.id);
    const grants = [...(await store.read.roles.grants(roles)), EVERYBODY];
    return { kind: 'key', name: key.keyId, source, grants, mustChangePassword: false, proof };
  }

  async #session(token: string, source: string): Promise<Principal> {
    const { store, secrets } = this.#installation;
    const session = await store.read.users.session(tokenFingerprint(token, secrets));
    if (session === undefined) throw sessionOver();
    return await this.#sessionOf(session, source);
  }

  async #sessionOf(session: { id: number; userId: number; seenAt: number }, source: string): Promise<Principal> {
    const { store, clock } = this.#installation;
    const now = clock.now();
    const seenAt = Math.max(session.seenAt, this.#seen.get(session.id) ?? 0);
    // A clock that was set back ends sessions too, rather than prolong them.
    if (Math.abs(now - seenAt) > IDLE_TIME) {
      this.#seen.delete(session.id);
      await store.transaction(({ users }) => users.deleteSession(session.id));
      throw sessionOver();
    }
    const user = await store.read.users.byId(session.userId);
    if (user === undefined) throw sessionOver();
    if (!mayAct(user, now)) throw frozen();
    this.#seen.set(session.id, now);
    await this.#note(`session ${session.id}`, async () => {
      await store.transaction(({ users }) => users.touchSession(session.id, now));
    });
    const grants = [...(await store.read.roles.grants(user.roles.map((role) => role.id))), EVERYBODY];
    return {
      kind: 'user',
      name: user.email,
      source,
      session: session.id,
      grants,
      mustChangePassword: user.mustChange,
      ...(user.delegatedBy !== null && { delegated: true }),
    };
  }

  /** Writes a use down, once a minute. */
  async #note(what: string, write: () => Promise<void>): Promise<void> {
    const now = this.#installation.clock.monotonic();
    const before = this.#noted.get(what);
    if (before !== undefined && now - before < NOTE_INTERVAL) return;
    if (this.#noted.size > MOST_NONCES) this.#noted.clear();
    this.#noted.set(what, now);
    await write();
  }

  /** A signed request is good once, and for five minutes. */
  #checkFresh({ created, nonce, keyId }: ParsedSignature): void {
    const { clock } = this.#installation;
    if (Math.abs(clock.now() - created * 1000) > SKEW) {
      throw new PhonectlError('unauthenticated', 'The signature was made at another time than it is here.', {
        hints: ['Check the clocks of this machine and of the server.'],
      });
    }
    const now = clock.monotonic();
    for (const [old, until] of this.#nonces) {
      if (until > now && this.#nonces.size < MOST_NONCES) break;
      this.#nonces.delete(old);
    }
    const name = `${keyId} ${nonce}`;
    if (this.#nonces.has(name)) throw new PhonectlError('unauthenticated', 'This signature has been used before.');
    this.#nonces.set(name, now + 2 * SKEW);
  }
}

function usable(key: KeyRecord, source: string, now: number): boolean {
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return false;
  if (key.networks.length === 0) return true;
  const address = parseAddress(source);
  return (
    address !== undefined &&
    key.networks.some((network) => {
      const subnet = parseCidr(network);
      return subnet !== undefined && contains(subnet.cidr, address);
    })
  );
}

function sessionOver(): PhonectlError {
  return new PhonectlError('session_expired', 'The session is over.', {
    hints: ['Sign in with `phonectl auth login`.'],
  });
}

/** Names a caller across requests: runs and idempotency keys belong to it. */
export function principalName(principal: Principal): string {
  return `${principal.kind}:${nameKey(principal.name)}`;
}
