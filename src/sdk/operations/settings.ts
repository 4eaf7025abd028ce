/** The fleet's settings, as operations. */
import {
  boolean,
  exactOptional,
  integer,
  literal,
  maxValue,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
  union,
} from 'valibot';
import { emailInput, hostInput, textInput } from '../access/inputs.ts';
import type { OperationContext } from '../context.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { testMail } from '../mail/sending.ts';
import { editMailSettings, showMailSettings } from '../mail/settings.ts';
import { operation } from '../operation.ts';
import { editProvisioning, setAccount, showProvisioning } from '../settings/provisioning.ts';
import { editTaskSettings, showTaskSettings } from '../tasks/retention.ts';

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
      /** `HOST:PORT`, `tls://HOST:PORT`; an empty text: nowhere. */
      syslog: optional(string()),
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
  mail: operation({
    summary: 'Shows which mail server mail is handed to; no password.',
    permission: 'setting:read',
    effect: 'read',
    input: strictObject({}),
    run: (context: OperationContext) => showMailSettings(context),
  }),
  editMail: operation({
    summary: 'Sets the mail server that mail is handed to.',
    permission: 'setting:edit',
    effect: 'write',
    input: strictObject({
      /** Empty: none any more. */
      host: optional(union([literal(''), hostInput()])),
      port: optional(pipe(number(), integer(), minValue(1), maxValue(65_535))),
      security: optional(picklist(['tls', 'starttls', 'none'])),
      from: optional(emailInput()),
      user: optional(textInput()),
      password: optional(string()),
      ...dryRunField,
    }),
    run: editMailSettings,
  }),
  testMail: operation({
    summary: 'Sends a mail, to see whether the mail server takes it.',
    permission: 'setting:edit',
    effect: 'write',
    input: strictObject({ to: emailInput() }),
    run: (context: OperationContext, { to }) => testMail(context, to),
  }),
  tasks: operation({
    summary: 'Shows how long the results of tasks are kept.',
    permission: 'setting:read',
    effect: 'read',
    input: strictObject({}),
    run: (context: OperationContext) => showTaskSettings(context),
  }),
  editTasks: operation({
    summary: 'Changes how long the results of tasks are kept.',
    permission: 'setting:edit',
    effect: 'write',
    input: strictObject({
      resultDays: optional(pipe(number(), integer(), minValue(1), maxValue(3650))),
      ...dryRunField,
    }),
    run: editTaskSettings,
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
