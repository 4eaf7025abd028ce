/**
 * Seals secrets for the store: AES-256-GCM, the key's id inside each value, the row as additional data,
 * so that a sealed value moved to another row or column does not open.
 */
export interface SecretBox {
  /** `row` names the place, such as `account:17:password`; it is authenticated, not stored. */
  seal(plain: string, row: string): Uint8Array;
  /** Throws `wrong_key` when key or row do not fit. */
  open(sealed: Uint8Array, row: string): string;
  /** Keyed hash (HMAC-SHA256, hex) for comparing and for the log; not reversible. */
  fingerprint(plain: string): string;
  /** For an import: seals very many values, in a thread of its own when there are enough of them. The caller closes it. */
  bulkSealer(): BulkSealer;
}

export interface ToSeal {
  readonly plain: string;
  readonly row: string;
}

export interface BulkSealer {
  /** The sealed values in base64, in the same order. */
  seal(values: readonly ToSeal[]): Promise<readonly string[]>;
  close(): Promise<void>;
}
