/**
 * Who asks: the phone that a certificate names, the phone that a login belongs to, or somebody who knows the shared
 * provisioning account. Nothing about a MAC is looked up before this is known (security.md decision 1).
 */
import type { IncomingMessage } from 'node:http';
import { openCredential } from '../sdk/configuration/credentials.ts';
import type { SecretBox } from '../sdk/ports/secrets.ts';
import type { ServedDevice, ServingReader } from '../sdk/ports/serving.ts';
import type { SharedAccount } from '../sdk/settings/shared-account.ts';
import { type DigestCredentials, DigestNonces, equal, matchesDigest, parseDigest } from './digest.ts';

export const REALM = 'phones';

export type Proof =
  | {
      readonly kind: 'login';
      readonly device: ServedDevice;
      readonly firstUse: boolean;
      readonly lastUsedAt: number;
      /** When this login was made. */
      readonly since: number;
    }
  /** `old`: with the password before the last rotation, in its time of grace (PROV-07). */
  | { readonly kind: 'shared'; readonly old: boolean }
  | { readonly kind: 'none'; readonly attempted: boolean; readonly stale: boolean };

/** Right passwords whose keyed hash is kept. */
const MOST_FINGERPRINTS = 20_000;

const NOBODY: Proof = { kind: 'none', attempted: false, stale: false };
const WRONG: Proof = { kind: 'none', attempted: true, stale: false };
const STALE: Proof = { kind: 'none', attempted: true, stale: true };

export interface AuthenticatorOptions {
  readonly reader: ServingReader;
  readonly secrets: SecretBox;
  readonly sharedAccount: () => SharedAccount | undefined;
  readonly now: () => number;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #nonces: DigestNonces;
  readonly #fingerprints = new Map<string, string>();
  /** What an unknown user's password is compared with, so that both cost the same. */
  readonly #nobodysVerifier: string;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#nonces = new DigestNonces(options.now);
    this.#nobodysVerifier = options.secrets.fingerprint(this.#nonces.issue(''));
  }

  async prove(request: IncomingMessage, address: string): Promise<Proof> {
    const header = request.headers.authorization;
    if (header === undefined) return NOBODY;
    const digest = parseDigest(header);
    if (digest !== undefined) return this.#digest(digest, request, address);
    const basic = parseBasic(header);
    return basic === undefined ? WRONG : this.#basic(basic.username, basic.password);
  }

  /** The challenges of a 401, Basic first: inside TLS it is as good, and costs neither a round trip nor two hashes. */
  challenges(address: string, stale: boolean): string[] {
    const nonce = this.#nonces.issue(address);
    return [
      `Basic realm="${REALM}", charset="UTF-8"`,
      `Digest realm="${REALM}", qop="auth", algorithm=MD5, nonce="${nonce}"${stale ? ', stale=true' : ''}`,
    ];
  }

  async #basic(username: string, password: string): Promise<Proof> {
    const { reader, secrets, sharedAccount, now } = this.#options;
    const found = await reader.deviceByLogin(username);
    const verifier = this.#fingerprint(password);
    const account = sharedAccount();
    const isShared =
      account !== undefined &&
      equal(username, account.username) &&
      equal(verifier, secrets.fingerprint(account.password));
    if (isShared) return { kind: 'shared', old: false };
    const before = account?.previous !== undefined && account.previous.until > now() ? account.previous : undefined;
    const wasShared =
      before !== undefined &&
      equal(username, account?.username ?? '') &&
      equal(verifier, secrets.fingerprint(before.password));
    if (wasShared) return { kind: 'shared', old: true };
    const right = equal(verifier, found?.credential.verifier ?? this.#nobodysVerifier);
    if (found === undefined) return WRONG;
    const { previousVerifier, previousUntil } = found.credential;
    const was = previousVerifier !== null && (previousUntil ?? 0) > now() && equal(verifier, previousVerifier);
    if (!right && !was) return WRONG;
    this.#keep(password, verifier);
    return toLogin(found);
  }

  /** A phone shows the same password for every file; the keyed hash of a right one is worth keeping for a while. */
  #fingerprint(password: string): string {
    const known = this.#fingerprints.get(password);
    if (known !== undefined) return known;
    return this.#options.secrets.fingerprint(password);
  }

  #keep(password: string, verifier: string): void {
    if (this.#fingerprints.has(password)) return;
    if (this.#fingerprints.size >= MOST_FINGERPRINTS) this.#fingerprints.clear();
    this.#fingerprints.set(password, verifier);
  }

  /** An unknown user gets a password that nobody knows, so that both cost about the same. */
  async #passwordOf(device: ServedDevice | undefined): Promise<string> {
    const { reader, secrets } = this.#options;
    const rows = device === undefined ? [] : await reader.credentials(device.id);
    const stored = rows.find(({ purpose }) => purpose === 'provisioning');
    if (device === undefined || stored === undefined) return this.#nobodysVerifier;
    return openCredential(secrets, device, stored).password;
  }

  async #digest(credentials: DigestCredentials, request: IncomingMessage, address: string): Promise<Proof> {
    const { reader, sharedAccount } = this.#options;
    if (credentials.realm !== REALM || credentials.uri !== request.url) return WRONG;
    const method = request.method ?? 'GET';
    const account = sharedAccount();
    const isShared = account !== undefined && equal(credentials.username, account.username);
    const found = await reader.deviceByLogin(credentials.username);
    const password = isShared ? account.password : await this.#passwordOf(found?.device);
    const before = isShared && (account.previous?.until ?? 0) > this.#options.now() ? account.previous : undefined;
    const right = matchesDigest(credentials, method, password);
    if (!right && (before === undefined || !matchesDigest(credentials, method, before.password))) return WRONG;
    if (!this.#nonces.isFresh(credentials.nonce, address)) return STALE;
    if (!this.#nonces.use(credentials.nonce, credentials.nc)) return STALE;
    if (isShared) return { kind: 'shared', old: !right };
    return found === undefined ? WRONG : toLogin(found);
  }
}

function toLogin(found: NonNullable<Awaited<ReturnType<ServingReader['deviceByLogin']>>>): Proof {
  const { device, credential } = found;
  return {
    kind: 'login',
    device,
    firstUse: credential.firstUsedAt === null,
    lastUsedAt: credential.lastUsedAt ?? 0,
    since: credential.createdAt,
  };
}

/** Reads `Basic …` (RFC 7617); `undefined` for anything else. */
export function parseBasic(header: string): SharedAccount | undefined {
  if (!/^basic /i.test(header) || header.length > 1_024) return undefined;
  const text = Buffer.from(header.slice(6).trim(), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
