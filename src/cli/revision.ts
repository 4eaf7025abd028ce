/** Numbers of revisions on the command line: `41`, or `r41` as lists of devices show them. */
import { string } from '@oclif/core/args';
import { UsageValueError } from './usage-error.ts';

export function parseRevision(text: string, example = '41 or r41'): number {
  const match = /^r?(\d{1,9})$/i.exec(text.trim());
  if (match === null) throw new UsageValueError(`"${text}" is no revision. Write ${example}.`);
  return Number(match[1]);
}

const description = 'Number of the revision, such as 41; see `phonectl config history`.';

export const revisionArg = { revision: string({ required: true, description }) };
export const optionalRevisionArg = { revision: string({ description }) };
