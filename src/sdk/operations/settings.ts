/** The fleet's settings, as operations. */
import {
  boolean,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  pipe,
  strictObject,
  string,
} from 'valibot';
import type { OperationContext } from '../context.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { operation } from '../operation.ts';
import { editProvisioning, setAccount, showProvisioning } from '../settings/provisioning.ts';

const DAY = 86_400_000;

export const settings = {
  provisioning: operation({
    summary: 'Shows the provisioning settings; no password.',
    permission: 'setting:read',
    effect: 'read',
    input: strictObject({}),
    run: (context: OperationContext) => showProvisioning(context),
  }),
  editProvisioning: operation({
    summary: 'Changes provisioning settings; phones learn of them at their next poll.',
    permission: 'setting:edit',
    effect: 'write',
    input: strictObject({
      url: optional(referenceField),
      host: optional(referenceField),
      pollWindow: optional(referenceField),
      timeServer: optional(referenceField),
      downloadPaths: optional(strictObject({ internet: exactOptional(string()), enterprise: exactOptional(string()) })),
      uploadDays: optional(pipe(number(), integer(), minValue(1), maxValue(3650))),
      files: optional(
        strictObject({
          bytesPerSecond: exactOptional(pipe(number(), integer(), minValue(10_000))),
          transfers: exactOptional(pipe(number(), integer(), minValue(1), maxValue(100_000))),
        }),
      ),
      ...dryRunField,
    }),
    run: editProvisioning,
  }),
  provisioningAccount: operation({
    summary: 'Sets the provisioning account, or gives it a new password with a time of grace for the old one.',
    permission: 'home:account',
    effect: 'destructive',
    reveals: ({ reveal }) => reveal === true,
    input: strictObject({
      username: optional(referenceField),
      password: optional(string()),
      grace: optional(pipe(number(), integer(), minValue(0), maxValue(90 * DAY))),
      reveal: optional(boolean()),
      ...dryRunField,
    }),
    run: setAccount,
  }),
};
