/** Input of every import operation. */
import { boolean, optional, picklist, string } from 'valibot';
import { bytesInput } from '../bytes.ts';

export const importFields = {
  /** The file's bytes. */
  source: bytesInput(),
  /** Name of the file for messages. */
  name: optional(string()),
  separator: optional(picklist(['comma', 'semicolon', 'tab'])),
  encoding: optional(string()),
  /** Apply the good rows although others are rejected. */
  partial: optional(boolean()),
  /** Tell the outcome of every row, not of the rejected ones only. */
  details: optional(boolean()),
  dryRun: optional(boolean()),
};

export interface ImportInput {
  readonly source: AsyncIterable<Uint8Array>;
  readonly name?: string | undefined;
  readonly separator?: 'comma' | 'semicolon' | 'tab' | undefined;
  readonly encoding?: string | undefined;
  readonly partial?: boolean | undefined;
  readonly details?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}
