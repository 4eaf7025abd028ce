/** Schema pieces that many operations take. */
import {
  array,
  boolean,
  check,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  pipe,
  string,
  trim,
} from 'valibot';
import { checkName, checkText, excerpt } from '../domain/text.ts';

/** A name as design.md section 12 has it; blanks around it are dropped. */
export const nameField = pipe(
  string(),
  check(
    (text) => checkName(text) === undefined,
    ({ input }) => `"${excerpt(input)}" ${checkName(input) ?? ''}`,
  ),
  trim(),
);

/** Free text: a description, a label. */
export const textField = pipe(
  string(),
  check(
    (text) => checkText(text) === undefined,
    ({ input }) => `"${excerpt(input)}" ${checkText(input) ?? ''}`,
  ),
);

/** What names an existing object: a name or an id. */
export const referenceField = pipe(string(), trim(), minLength(1, 'is empty'));

/** One or more references. */
export const referencesField = pipe(array(referenceField), minLength(1, 'names nothing'));

export const portField = pipe(
  number(),
  integer('is not a port number'),
  minValue(1, 'is not a port number (1 to 65535)'),
  maxValue(65535, 'is not a port number (1 to 65535)'),
);

const countField = pipe(number(), integer(), minValue(0));

/** Of every list: `search` text, `sort` as `name,-devices`, window. */
export const listFields = {
  search: optional(string()),
  sort: optional(string()),
  limit: optional(countField),
  offset: optional(countField),
};

/** Of every write: with `dryRun` nothing is changed. */
export const dryRunField = { dryRun: optional(boolean()) };
