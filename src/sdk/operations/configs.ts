/** What phones are given. */
import {
  array,
  boolean,
  integer,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
  union,
} from 'valibot';
import { buildTree } from '../configuration/build.ts';
import { renderDevice } from '../configuration/render.ts';
import { selectorSchema } from '../devices/fields.ts';
import { diffDevices } from '../explain/diff.ts';
import { explainDevice } from '../explain/explain.ts';
import { dryRunField, nameField, referenceField, textField } from '../fields.ts';
import { applyPlan, savePlan } from '../history/plans.ts';
import { listRevisions, showRevision } from '../history/read.ts';
import { rollBack } from '../history/rollback.ts';
import { operation, streamOperation } from '../operation.ts';

const revisionField = pipe(number(), integer(), minValue(0));
const reasonField = { reason: optional(textField) };

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
  explain: operation({
    summary: 'Says of a device where each of its parameters comes from, and what it beat.',
    permission: 'config:read',
    effect: 'read',
    input: strictObject({
      device: referenceField,
      params: optional(array(referenceField)),
      software: optional(boolean()),
      downloadPath: optional(boolean()),
    }),
    run: explainDevice,
  }),
  diff: operation({
    summary: 'Compares what devices should have with what they were served, or with an earlier revision.',
    permission: 'config:read',
    effect: 'read',
    input: strictObject({ selector: selectorSchema, against: union([picklist(['running', 'served']), revisionField]) }),
    run: diffDevices,
  }),
  history: streamOperation({
    summary: 'Lists the revisions of the configuration, newest first.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ limit: optional(pipe(number(), integer(), minValue(1))) }),
    run: listRevisions,
  }),
  show: operation({
    summary: 'Shows what a revision changed.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ revision: revisionField }),
    run: showRevision,
  }),
  rollback: operation({
    summary: 'Goes back to an earlier revision, or undoes the newest one.',
    permission: 'config:rollback',
    effect: 'write',
    input: strictObject({ revision: optional(revisionField), ...reasonField, ...dryRunField }),
    run: rollBack,
  }),
  plan: operation({
    summary: 'Plans a change or a rollback, and keeps the plan to be applied as it was looked at.',
    permission: 'config:plan',
    effect: 'write',
    input: strictObject({
      change: optional(nameField),
      rollback: optional(revisionField),
      ...reasonField,
      ...dryRunField,
    }),
    run: savePlan,
  }),
  apply: operation({
    summary: 'Applies a kept plan, unless it would do anything else by now.',
    permission: 'config:apply',
    effect: 'write',
    input: strictObject({
      plan: referenceField,
      digest: optional(string()),
      ...reasonField,
      ...dryRunField,
    }),
    run: applyPlan,
  }),
};
