/** Passwords of users: rules, scrypt, constant-time comparison. */
import type { ScryptOptions } from 'node:crypto';
import { PhonectlError } from '../errors.ts';

/** 32 MiB and three passes, OWASP's password storage sheet; kept in each hash, so that it can grow. */
const COST = { logN: 15, r: 8, p: 3 } as const;
const KEY_LENGTH = 32;
const SALT_LENGTH = 16;

const SHORTEST = 12;
const LONGEST = 1024;

/** `scrypt$15$8$3$<salt>$<hash>`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = process.getBuiltinModule('node:crypto').randomBytes(SALT_LENGTH);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.logN, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether the password is the one of `stored`. Without `stored` it takes as long and says no. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const { randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  if (stored === undefined) {
    await derive(password, randomBytes(SALT_LENGTH), COST);
    return false;
  }
  const [scheme, logN, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) {
    throw new PhonectlError('damaged', 'A stored password hash is not readable.');
  }
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), cost), Buffer.from(hash, 'base64url'));
}

function derive(password: string, salt: Buffer, cost: { logN: number; r: number; p: number }): Promise<Buffer> {
  const { scrypt } = process.getBuiltinModule('node:crypto');
  const N = 2 ** cost.logN;
  const options: ScryptOptions = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r };
  return new Promise((resolve, reject) => {
    // NFC: the same password typed on another system must be the same bytes.
    scrypt(password.normalize('NFC'), salt, KEY_LENGTH, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** Throws `invalid_input` for a password that is too easy to guess: too short, all alike, or made of the user's address. */
export function checkPassword(password: string, email: string): void {
  const problem = passwordProblem(password, email);
  if (problem === undefined) return;
  throw new PhonectlError('invalid_input', `The password ${problem}.`, {
    hints: [`Use at least ${SHORTEST} characters; a few words in a row are fine.`],
  });
}

function passwordProblem(password: string, email: string): string | undefined {
  const length = [...password].length;
  if (length < SHORTEST) return `has ${length} characters, at least ${SHORTEST} are needed`;
  if (length > LONGEST) return `has ${length} characters, at most ${LONGEST} are possible`;
  if (new Set(password).size < 5) return 'repeats a few characters only';
  const folded = password.toLowerCase();
  const [local = ''] = email.toLowerCase().split('@');
  if (local.length >= 4 && folded.includes(local)) return 'holds the name of the user';
  return undefined;
}

/** A password that a person can type from a letter: 100 bits, in groups, without characters that look alike. */
export function newPassword(): string {
  const { randomInt } = process.getBuiltinModule('node:crypto');
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = (): string => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
