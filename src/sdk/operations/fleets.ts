/** A whole fleet as files: out of it, and into it. `fleet validate` needs no fleet and is no operation. */
import { boolean, optional, strictObject, string } from 'valibot';
import { bytesInput } from '../bytes.ts';
import { dryRunField, textField } from '../fields.ts';
import { exportFleet } from '../fleet/export.ts';
import { applyFleet, planFolder } from '../fleet/plan.ts';
import { operation, streamOperation } from '../operation.ts';

const folder = { source: bytesInput(), prune: optional(boolean()) };

export const fleets = {
  export: streamOperation({
    summary: 'Writes the whole fleet as files; its secrets only on demand.',
    permission: 'fleet:export',
    effect: 'read',
    reveals: ({ secrets }) => secrets === true,
    input: strictObject({ secrets: optional(boolean()), firmware: optional(boolean()) }),
    run: exportFleet,
  }),
  plan: operation({
    summary: 'Says what a fleet folder would change.',
    permission: 'fleet:plan',
    effect: 'read',
    input: strictObject(folder),
    run: planFolder,
  }),
  apply: operation({
    summary: 'Makes the fleet what a folder says.',
    permission: 'fleet:apply',
    effect: 'write',
    input: strictObject({ ...folder, digest: optional(string()), reason: optional(textField), ...dryRunField }),
    run: applyFleet,
  }),
};
