/** Access keys, by which programs use the management API (KEY-01..03). */
import { array, integer, maxValue, minLength, minValue, number, optional, pipe, strictObject } from 'valibot';
import { nameInput, networkInput, timeInput, urlInput } from '../access/inputs.ts';
import { createKey, listKeys, revokeKey, rotateKey, showKey } from '../keys/keys.ts';
import { operation, streamOperation } from '../operation.ts';

const DAY_SECONDS = 86_400;

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
      roles: pipe(array(nameInput()), minLength(1)),
      from: optional(array(networkInput())),
      expires: optional(timeInput()),
      callback: optional(urlInput()),
    }),
    run: createKey,
  }),
  revoke: operation({
    summary: 'Ends an access key for good; what runs with it stops within a second.',
    permission: 'key:edit',
    effect: 'destructive',
    input: strictObject({ key: nameInput() }),
    run: (context, { key }) => revokeKey(context, key),
  }),
  rotate: operation({
    summary: 'Gives an access key a new secret; the old one stays good for a while.',
    permission: 'key:edit',
    effect: 'write',
    input: strictObject({
      key: nameInput(),
      graceSeconds: optional(pipe(number(), integer(), minValue(0), maxValue(30 * DAY_SECONDS)), DAY_SECONDS),
    }),
    run: (context, { key, graceSeconds }) => rotateKey(context, key, graceSeconds * 1000),
  }),
};
