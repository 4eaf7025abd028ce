/**
 * HTTP authentication as a client: Basic (RFC 7617) and Digest (RFC 7616; RFC 2617 servers without qop too). SIP uses
 * the same challenges (RFC 3261 section 22).
 */
import { PhonectlError } from '../sdk/errors.ts';

export interface Challenge {
  /** In lower case: `basic`, `digest`. */
  readonly scheme: string;
  /** Parameter names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Hash names of node:crypto by digest algorithm, weakest first: of several challenges the last known one is taken. */
const ALGORITHMS: Readonly<Record<string, string>> = { md5: 'md5', 'sha-512-256': 'sha512-256', 'sha-256': 'sha256' };
const STRENGTH = Object.keys(ALGORITHMS);

/** Longest header that is looked at; a phone's is below 300. */
const MAX_CHALLENGE = 8192;

const SPACE = /[ \t,]*/y;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const LOOSE = /[^ \t,"]+/y;

/**
 * Challenges of a WWW-Authenticate header (several headers joined by commas). Tolerant: what cannot be read ends the
 * reading, the challenges before it count. Linear in the length.
 */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, MAX_CHALLENGE);
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  }
  for (;;) {
    take(SPACE);
    const name = take(TOKEN)?.[0];
    if (name === undefined) return challenges;
    if (take(EQUALS) === null) {
      challenges.push({ scheme: name.toLowerCase(), parameters: Object.create(null) as Record<string, string> });
      continue;
    }
    const quoted = take(QUOTED)?.[1];
    const value = quoted === undefined ? (take(LOOSE)?.[0] ?? '') : quoted.replace(/\\([\s\S])/g, '$1');
    const current = challenges.at(-1);
    if (current === undefined) return challenges;
    current.parameters[name.toLowerCase()] = value;
  }
}

export interface DigestRequest {
  readonly method: string;
  /** Request target exactly as sent. */
  readonly uri: string;
  /** How often the challenge's nonce was used, this time included; 1 for the first answer. */
  readonly count: number;
  /** Client nonce; random by default, fixed in tests. */
  readonly cnonce?: string;
}

/** The challenge that we can answer best: Digest with the strongest known hash, else Basic. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const digests = challenges.filter((challenge) => challenge.scheme === 'digest' && strength(challenge) >= 0);
  const strongest = digests.sort((a, b) => strength(b) - strength(a))[0];
  return strongest ?? challenges.find((challenge) => challenge.scheme === 'basic');
}

function strength(challenge: Challenge): number {
  return STRENGTH.indexOf(algorithmOf(challenge).replace(/-sess$/, ''));
}

function algorithmOf(challenge: Challenge): string {
  return (challenge.parameters['algorithm'] ?? 'MD5').toLowerCase();
}

/** True when the server says that only the nonce was too old. */
export function isStale(challenge: Challenge): boolean {
  return challenge.parameters['stale']?.toLowerCase() === 'true';
}

/** Value of the Authorization header that answers `challenge`. */
export function authorization(challenge: Challenge, login: Login, request: DigestRequest): string {
  return challenge.scheme === 'basic' ? basic(login) : digest(challenge, login, request);
}

function basic({ username, password }: Login): string {
  if (username.includes(':')) throw new PhonectlError('invalid_input', 'A user name for Basic cannot hold a colon.');
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

function digest(challenge: Challenge, login: Login, request: DigestRequest): string {
  const { createHash, randomBytes } = process.getBuiltinModule('node:crypto');
  const { realm = '', nonce = '', opaque, qop: offered } = challenge.parameters;
  const algorithm = algorithmOf(challenge);
  const session = algorithm.endsWith('-sess');
  const hashName = ALGORITHMS[algorithm.replace(/-sess$/, '')] ?? 'md5';
  const hash = (text: string): string => createHash(hashName).update(text, 'utf8').digest('hex');

  const qop = offered === undefined ? undefined : chooseQop(offered);
  const cnonce = request.cnonce ?? randomBytes(16).toString('hex');
  const nc = request.count.toString(16).padStart(8, '0');
  const secret = hash(`${login.username}:${realm}:${login.password}`);
  const a1 = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`${request.method}:${request.uri}`);
  const response = hash(qop === undefined ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`);

  const hashed = challenge.parameters['userhash']?.toLowerCase() === 'true';
  const username = hashed ? hash(`${login.username}:${realm}`) : login.username;
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(request.uri)}`,
    `response="${response}"`,
  ];
  if (challenge.parameters['algorithm'] !== undefined) parts.push(`algorithm=${challenge.parameters['algorithm']}`);
  if (qop !== undefined) parts.push(`qop=${qop}`, `nc=${nc}`, `cnonce=${quote(cnonce)}`);
  else if (session) parts.push(`cnonce=${quote(cnonce)}`);
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
  if (hashed) parts.push('userhash=true');
  return `Digest ${parts.join(', ')}`;
}

function chooseQop(offered: string): 'auth' {
  if (offered.split(',').some((option) => option.trim().toLowerCase() === 'auth')) return 'auth';
  throw new PhonectlError(
    'unreachable',
    `The phone wants a kind of login that phonectl does not know (qop=${printable(offered)}).`,
  );
}

/** A quoted-string. Control characters end up in a header, so they are refused here, whoever sent them. */
function quote(value: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new PhonectlError('unreachable', 'The login that the phone asks for holds control characters.');
  }
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}
