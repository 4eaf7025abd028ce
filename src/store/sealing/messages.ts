/** What the sealing thread is told and answers. */

export interface ThreadData {
  readonly key: Uint8Array;
}

export interface Request {
  readonly plains: readonly string[];
  readonly rows: readonly string[];
}

/** The sealed values in base64, with line breaks between them: one string is cheaper to hand over than many. */
export type Reply = string;
