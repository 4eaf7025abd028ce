/** What phones are given. */
import { boolean, minLength, optional, pipe, strictObject, string } from 'valibot';
import { buildTree } from '../configuration/build.ts';
import { renderDevice } from '../configuration/render.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { operation } from '../operation.ts';

export const configs = {
  render: operation({
    summary: 'Renders the files of a device; secrets only on demand.',
    permission: 'config:read',
    effect: 'read',
    reveals: ({ showSecrets }) => showSecrets === true,
    input: strictObject({
      device: referenceField,
      file: optional(string()),
      showSecrets: optional(boolean()),
    }),
    run: renderDevice,
  }),
  build: operation({
    summary: 'Writes the files of all or some devices into a folder, secrets included.',
    permission: 'config:build',
    effect: 'write',
    local: true,
    input: strictObject({ selector: selectorSchema, out: pipe(string(), minLength(1, 'is empty')), ...dryRunField }),
    run: buildTree,
  }),
};
