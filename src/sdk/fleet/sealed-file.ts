/** Secrets of a fleet in one file under a passphrase: scrypt (RFC 7914) and AES-256-GCM, as JSON. */
import { PhonectlError } from '../errors.ts';

const FORMAT = 'phonectl-secrets/1';
/** 128 MiB and about half a second: dear for guessing, bearable for reading. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const MEMORY = 256 << 20;

interface SealedFile {
  readonly format: typeof FORMAT;
  readonly kdf: { readonly name: 'scrypt'; readonly N: number; readonly r: number; readonly p: number };
  /** Base64, as the others. */
  readonly salt: string;
  readonly nonce: string;
  readonly data: string;
  readonly tag: string;
}

export type SealedSecrets = Readonly<Record<string, string>>;

export function sealSecrets(secrets: SealedSecrets, passphrase: string): string {
  const { createCipheriv, randomBytes } = process.getBuiltinModule('node:crypto');
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', deriveKey(passphrase, salt, COST), nonce);
  cipher.setAAD(Buffer.from(FORMAT));
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  const file: SealedFile = {
    format: FORMAT,
    kdf: { name: 'scrypt', ...COST },
    salt: salt.toString('base64'),
    nonce: nonce.toString('base64'),
    data: data.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Throws `invalid_file`, and `wrong_key` for another passphrase or a file that was changed. */
export function openSecrets(text: string, passphrase: string, name: string): SealedSecrets {
  const { createDecipheriv } = process.getBuiltinModule('node:crypto');
  const file = parse(text, name);
  const bytes = (field: 'salt' | 'nonce' | 'data' | 'tag'): Buffer => Buffer.from(file[field], 'base64');
  const key = deriveKey(passphrase, bytes('salt'), file.kdf);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes('nonce'), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(FORMAT));
  try {
    decipher.setAuthTag(bytes('tag'));
    return JSON.parse(Buffer.concat([decipher.update(bytes('data')), decipher.final()]).toString('utf8'));
  } catch (cause) {
    throw new PhonectlError('wrong_key', `The passphrase does not open ${name}, or the file was changed.`, {
      hints: ['Give the passphrase that it was written with: --passphrase-file FILE'],
      cause,
    });
  }
}

function deriveKey(passphrase: string, salt: Buffer, { N, r, p }: typeof COST): Buffer {
  const { scryptSync } = process.getBuiltinModule('node:crypto');
  return scryptSync(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: MEMORY });
}

function parse(text: string, name: string): SealedFile {
  let content: Partial<SealedFile>;
  try {
    content = Object(JSON.parse(text)) as Partial<SealedFile>;
  } catch (cause) {
    throw noSecrets(name, cause);
  }
  const { kdf, salt, nonce, data, tag } = content;
  const texts = [salt, nonce, data, tag].every((field) => typeof field === 'string');
  // Nobody's file may make us spend more than our own does.
  const known = kdf?.name === 'scrypt' && kdf.N === COST.N && kdf.r === COST.r && kdf.p === COST.p;
  if (content.format !== FORMAT || !texts || !known) throw noSecrets(name);
  return content as SealedFile;
}

function noSecrets(name: string, cause?: unknown): PhonectlError {
  return new PhonectlError('invalid_file', `${name} is not a secrets file of phonectl.`, {
    hints: ['Write one: phonectl fleet export DIR --secrets FILE --passphrase-file FILE'],
    cause,
  });
}
