/**
 * Sealing at rest. Layout of a sealed value: version (1 byte), key id (4 bytes), nonce (12), tag (16), ciphertext.
 * The row's name is additional data, so that a value copied to another row does not open.
 */
import { PhonectlError } from '../sdk/errors.ts';
import type { SecretBox } from '../sdk/ports/secrets.ts';
import { ThreadSealer } from './sealing/sealer.ts';

const VERSION = 1;
const HEADER = 1 + 4;
const NONCE = 12;
const TAG = 16;

export interface SealingKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** A key file holds one line: `phonectl-key-1:` and the key in base64. */
const PREFIX = 'phonectl-key-1:';

export function newKeyFile(): string {
  return `${PREFIX}${process.getBuiltinModule('node:crypto').randomBytes(32).toString('base64')}\n`;
}

/** Throws `wrong_key` when the text is not a key. */
export function parseKeyFile(text: string, path: string): SealingKey {
  const line = text.trim();
  const key = line.startsWith(PREFIX) ? Buffer.from(line.slice(PREFIX.length), 'base64') : undefined;
  if (key?.length !== 32) {
    throw new PhonectlError('wrong_key', `${path} does not hold a phonectl sealing key.`, {
      hints: ['Put the key file of this home back, or name it with PHONECTL_KEY_FILE.'],
    });
  }
  return { key };
}

/** The box of a key. Loading node:crypto and deriving the keys cost 5 ms, and most commands open no secret: at first use. */
export function secretBox({ key }: SealingKey): SecretBox {
  let made: ReturnType<typeof makeBox> | undefined;
  function box(): ReturnType<typeof makeBox> {
    made ??= makeBox(key);
    return made;
  }
  return {
    seal: (plain, row) => box().seal(plain, row),
    open: (sealed, row) => box().open(sealed, row),
    fingerprint: (plain) => box().fingerprint(plain),
    bulkSealer: () => new ThreadSealer(key, (plain, row) => box().seal(plain, row)),
  };
}

function makeBox(key: Uint8Array): Omit<SecretBox, 'bulkSealer'> {
  const crypto = process.getBuiltinModule('node:crypto');
  const derive = (purpose: string): Buffer =>
    Buffer.from(crypto.hkdfSync('sha256', key, '', `phonectl ${purpose}`, 32));
  const sealingKey = derive('seal');
  const keyId = crypto.createHash('sha256').update(sealingKey).digest().subarray(0, 4);
  // A KeyObject is parsed once, not once a value: 1.4 instead of 12.5 µs for each cipher.
  const sealing = crypto.createSecretKey(sealingKey);
  const hashing = crypto.createSecretKey(derive('fingerprint'));
  const nextNonce = nonces(crypto);

  return {
    seal(plain, row) {
      const nonce = nextNonce();
      const cipher = crypto.createCipheriv('aes-256-gcm', sealing, nonce);
      cipher.setAAD(Buffer.from(row));
      const text = cipher.update(plain, 'utf8');
      cipher.final();
      return Buffer.concat([Buffer.of(VERSION), keyId, nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, row) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes[0] !== VERSION || !bytes.subarray(1, HEADER).equals(keyId)) throw wrongKey();
      const decipher = crypto.createDecipheriv('aes-256-gcm', sealing, bytes.subarray(HEADER, HEADER + NONCE));
      decipher.setAAD(Buffer.from(row));
      decipher.setAuthTag(bytes.subarray(HEADER + NONCE, HEADER + NONCE + TAG));
      try {
        return decipher.update(bytes.subarray(HEADER + NONCE + TAG), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw wrongKey(cause);
      }
    },
    fingerprint: (plain) => crypto.createHmac('sha256', hashing).update(plain).digest('hex'),
  };
}

/** Random nonces from a pool that is filled for many at once; each byte of it is used for one nonce only. */
function nonces(crypto: typeof import('node:crypto')): () => Buffer {
  const pool = Buffer.allocUnsafeSlow(NONCE * 1024);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      crypto.randomFillSync(pool);
      used = 0;
    }
    used += NONCE;
    return pool.subarray(used - NONCE, used);
  };
}

function wrongKey(cause?: unknown): PhonectlError {
  return new PhonectlError('wrong_key', 'A sealed value does not open with this key.', {
    hints: ['Name the key file that belongs to this home with PHONECTL_KEY_FILE.', 'Check with `phonectl home check`.'],
    cause,
  });
}
