/** Everything that can be done with collected changes; what puts edits into them are the writes on profiles. */
import { optional, strictObject } from 'valibot';
import { dryRunField, nameField, textField } from '../fields.ts';
import { listChanges, planChange, showChange } from '../history/changes.ts';
import { operation, streamOperation } from '../operation.ts';
import { applyChange, discardChange, requireChange } from '../profiles/changes.ts';

const change = { change: nameField };

export const changes = {
  list: streamOperation({
    summary: 'Lists the changes that are being collected.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({}),
    run: listChanges,
  }),
  show: operation({
    summary: 'Shows what a change does to profiles and assignments.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject(change),
    run: showChange,
  }),
  plan: operation({
    summary: 'Says what applying a change would do to the phones.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject(change),
    run: planChange,
  }),
  apply: operation({
    summary: 'Does everything that a change has collected, as one revision.',
    permission: 'change:apply',
    effect: 'write',
    input: strictObject({ ...change, reason: optional(textField), ...dryRunField }),
    run: async (context, { change: name, ...options }) => await applyChange(context, name, options),
  }),
  discard: operation({
    summary: 'Throws a change away.',
    permission: 'change:discard',
    effect: 'write',
    input: strictObject({ ...change, ...dryRunField }),
    async run(context, { change: name, dryRun }) {
      const { edits } = await requireChange(context, name);
      if (dryRun !== true) await discardChange(context, name);
      return { change: name, edits: edits.length };
    },
  }),
};
