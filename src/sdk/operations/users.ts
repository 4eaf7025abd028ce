/** Users who sign in with a password (SUB-01..05). */
import { array, boolean, minLength, optional, pipe, strictObject, string } from 'valibot';
import { emailInput, nameInput, textInput } from '../access/inputs.ts';
import { listMails, readMail } from '../mail/outbox.ts';
import { sendWaiting } from '../mail/sending.ts';
import { operation, streamOperation } from '../operation.ts';
import {
  addUser,
  deleteUser,
  editUser,
  freezeUser,
  listUsers,
  resetUserPassword,
  showUser,
  unlockUser,
} from '../users/users.ts';

const dryRun = optional(boolean(), false);
const user = nameInput();
const fields = { name: optional(textInput()), phone: optional(textInput()), country: optional(textInput()) };

export const users = {
  list: streamOperation({
    summary: 'Lists the users.',
    permission: 'user:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listUsers(context),
  }),
  show: operation({
    summary: 'Shows a user.',
    permission: 'user:read',
    effect: 'read',
    input: strictObject({ user }),
    run: (context, input) => showUser(context, input.user),
  }),
  add: operation({
    summary: 'Adds a user; without a password a random one is put into the outbox.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({
      email: emailInput(),
      ...fields,
      roles: pipe(array(nameInput()), minLength(1)),
      password: optional(string()),
      dryRun,
    }),
    run: addUser,
  }),
  edit: operation({
    summary: 'Changes a user.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({
      user,
      email: optional(emailInput()),
      ...fields,
      roles: optional(pipe(array(nameInput()), minLength(1))),
      dryRun,
    }),
    run: editUser,
  }),
  delete: operation({
    summary: 'Deletes a user and ends their sessions.',
    permission: 'user:edit',
    effect: 'destructive',
    input: strictObject({ user, dryRun }),
    run: (context, input) => deleteUser(context, input.user, input.dryRun),
  }),
  freeze: operation({
    summary: 'Freezes a user: nothing of theirs works any more.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({ user, dryRun }),
    run: (context, input) => freezeUser(context, input.user, true, input.dryRun),
  }),
  unfreeze: operation({
    summary: 'Lets a frozen user in again.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({ user, dryRun }),
    run: (context, input) => freezeUser(context, input.user, false, input.dryRun),
  }),
  unlock: operation({
    summary: 'Ends the lock of a user after too many wrong passwords.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({ user, dryRun }),
    run: (context, input) => unlockUser(context, input.user, input.dryRun),
  }),
  resetPassword: operation({
    summary: 'Gives a user a random password, in the outbox, to be changed at the next login.',
    permission: 'user:edit',
    effect: 'write',
    input: strictObject({ user, dryRun }),
    run: (context, input) => resetUserPassword(context, input.user, input.dryRun),
  }),
  outbox: operation({
    summary: 'Lists the mails that wait to be handed on, without what they say.',
    permission: 'user:edit',
    effect: 'read',
    local: true,
    input: strictObject({}),
    run: (context) => listMails(context.home),
  }),
  sendMails: operation({
    summary: 'Hands the waiting mails to the mail server now.',
    permission: 'user:edit',
    effect: 'write',
    local: true,
    input: strictObject({}),
    run: async (context) => {
      const result = await sendWaiting(context);
      return await context.write(async () => [
        result,
        {
          object: 'outbox',
          result: result.failed.length === 0 ? 'done' : result.sent === 0 ? 'failed' : 'partial',
          details: { sent: result.sent, failed: result.failed.length },
        },
      ]);
    },
  }),
  mail: operation({
    summary: 'Shows a mail of the outbox, with the password or token in it.',
    permission: 'user:edit',
    effect: 'read',
    local: true,
    reveals: () => true,
    input: strictObject({ id: string() }),
    run: (context, { id }) =>
      context.write(async () => [await readMail(context.home, id), { object: `mail:${id}`, result: 'done' }]),
  }),
};
