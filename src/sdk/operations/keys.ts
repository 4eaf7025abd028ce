/** Access keys, by which programs use the management API (KEY-01..03). */
import {
  array,
  boolean,
  check,
  integer,
  literal,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  pipe,
  strictObject,
  string,
  union,
} from 'valibot';
import { nameInput, networkInput, textInput, urlInput } from '../access/inputs.ts';
import { parseDuration } from '../enrolment/duration.ts';
import { listCallbacks, pingKey } from '../keys/callback-addresses.ts';
import { editKey } from '../keys/edit.ts';
import { createKey, listKeys, revokeKey, rotateKey, showKey } from '../keys/keys.ts';
import { operation, streamOperation } from '../operation.ts';

const expiryInput = pipe(
  string(),
  check(
    (text) => parseDuration(text) !== undefined || !Number.isNaN(Date.parse(text)),
    'is neither a time such as 2027-01-31 nor a length of time such as 90d',
  ),
);
const graceInput = pipe(
  string(),
  check((text) => parseDuration(text) !== undefined, 'is not a length of time such as 0m, 90m or 24h'),
);
const callbackInput = pipe(
  urlInput(),
  check((url) => url.startsWith('https:'), 'has to be an https address'),
);
const dryRun = optional(boolean(), false);

export const keys = {
  list: streamOperation({
    summary: 'Lists the access keys, never their secrets.',
    permission: 'key:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listKeys(context),
  }),
  show: operation({
    summary: 'Shows an access key, never its secret.',
    permission: 'key:read',
    effect: 'read',
    input: strictObject({ key: nameInput() }),
    run: (context, { key }) => showKey(context, key),
  }),
  create: operation({
    summary: 'Makes an access key and answers with its secret, which cannot be seen again.',
    permission: 'key:edit',
    effect: 'write',
    input: strictObject({
      name: nameInput(),
      description: optional(textInput()),
      roles: pipe(array(nameInput()), minLength(1)),
      from: optional(array(networkInput())),
      /** A time, or a length of time from now: `2027-01-31`, `90d`. */
      expires: optional(expiryInput),
      callback: optional(callbackInput),
      dryRun,
    }),
    run: createKey,
  }),
  edit: operation({
    summary: 'Changes an access key, at once for everybody who uses it; never its secret.',
    permission: 'key:edit',
    effect: 'write',
    input: strictObject({
      key: nameInput(),
      name: optional(nameInput()),
      description: optional(textInput()),
      roles: optional(pipe(array(nameInput()), minLength(1))),
      /** Empty for everywhere. */
      from: optional(array(networkInput())),
      /** Empty for no end. */
      expires: optional(union([literal(''), expiryInput])),
      /** Empty for none. */
      callback: optional(union([literal(''), callbackInput])),
      dryRun,
    }),
    run: editKey,
  }),
  callbacks: streamOperation({
    summary: 'Lists what was told to the callback addresses of access keys lately, and how it went.',
    permission: 'key:read',
    effect: 'read',
    input: strictObject({
      key: optional(nameInput()),
      limit: optional(pipe(number(), integer(), minValue(1), maxValue(10_000)), 1_000),
    }),
    run: listCallbacks,
  }),
  ping: operation({
    summary: 'Sends a message to the callback address of an access key, to see whether it arrives.',
    permission: 'key:edit',
    effect: 'write',
    input: strictObject({ key: nameInput() }),
    run: (context, { key }) => pingKey(context, key),
  }),
  revoke: operation({
    summary: 'Ends an access key for good; what runs with it stops within a second.',
    permission: 'key:edit',
    effect: 'destructive',
    input: strictObject({ key: nameInput(), dryRun }),
    run: (context, input) => revokeKey(context, input.key, input.dryRun),
  }),
  rotate: operation({
    summary: 'Gives an access key a new secret; the old one stays good for a while.',
    permission: 'key:edit',
    effect: 'write',
    input: strictObject({
      key: nameInput(),
      /** How long the old secret stays good: `0m`, `24h`. */
      grace: optional(graceInput, '24h'),
      dryRun,
    }),
    run: (context, { key, grace, dryRun }) => rotateKey(context, key, parseDuration(grace) ?? 0, dryRun),
  }),
};
