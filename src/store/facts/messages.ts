/** What the main thread and the writer's thread say to each other. */
import type { ErrorCode } from '../../sdk/errors.ts';
import type { NewCredential } from '../../sdk/ports/credentials.ts';
import type { Admission } from '../../sdk/ports/enrolments.ts';
import type { Fact } from '../../sdk/ports/facts.ts';
import type { NewUpload } from '../../sdk/ports/uploads.ts';

/** Work that somebody waits for. */
export type Command =
  | { readonly type: 'add-credentials'; readonly credentials: readonly NewCredential[] }
  | { readonly type: 'bind-enrolment'; readonly deviceId: number; readonly address: string; readonly at: number }
  | { readonly type: 'auto-add'; readonly admission: Admission }
  | { readonly type: 'record-upload'; readonly upload: NewUpload };

export interface Batch {
  readonly facts: readonly Fact[];
  readonly commands: readonly { readonly id: number; readonly command: Command }[];
  /** Some of it could not be written before: what happened then may be older than what is in the store. */
  readonly kept?: boolean;
  /** Write this and end. */
  readonly last?: boolean;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface Reply {
  readonly written: number;
  readonly dropped: number;
  /** Why nothing of the batch was written. */
  readonly trouble?: Failure;
  readonly results: readonly { readonly id: number; readonly value?: unknown; readonly failure?: Failure }[];
}

export interface ThreadData {
  readonly path: string;
  readonly lockTimeout?: number;
}
