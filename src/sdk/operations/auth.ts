/** Signing in and out (AUTH-01..14). `auth:anonymous` is what a caller without credentials may do. */
import { boolean, maxLength, optional, pipe, strictObject, string } from 'valibot';
import { nameInput, textInput } from '../access/inputs.ts';
import { changePassword, editSelf, forgotPassword, login, logout, resetPassword, whoAmI } from '../access/login.ts';
import { operation } from '../operation.ts';

const secret = pipe(string(), maxLength(4096));

export const auth = {
  login: operation({
    summary: 'Signs a user in and answers with the token of a session.',
    permission: 'auth:anonymous',
    effect: 'write',
    input: strictObject({ email: nameInput(), password: secret }),
    run: (context, { email, password }) => login(context, email, password),
  }),
  logout: operation({
    summary: 'Ends the session, or every session of the user.',
    permission: 'auth:self',
    effect: 'write',
    input: strictObject({ all: optional(boolean(), false) }),
    run: (context, { all }) => logout(context, all),
  }),
  whoami: operation({
    summary: 'Says who the caller is.',
    permission: 'auth:self',
    effect: 'read',
    input: strictObject({}),
    run: (context) => whoAmI(context),
  }),
  edit: operation({
    summary: 'Changes what others reach the caller by; the address is changed by an administrator.',
    permission: 'auth:self',
    effect: 'write',
    input: strictObject({ name: optional(textInput()), phone: optional(textInput()), country: optional(textInput()) }),
    run: editSelf,
  }),
  passwd: operation({
    summary: "Changes the caller's own password.",
    permission: 'auth:self',
    effect: 'write',
    input: strictObject({ old: secret, password: secret }),
    run: changePassword,
  }),
  forgot: operation({
    summary: 'Sends a token to reset a forgotten password, if there is such a user.',
    permission: 'auth:anonymous',
    effect: 'write',
    input: strictObject({ email: nameInput() }),
    run: (context, { email }) => forgotPassword(context, email),
  }),
  reset: operation({
    summary: 'Sets a new password with the token that was sent.',
    permission: 'auth:anonymous',
    effect: 'write',
    input: strictObject({ token: secret, password: secret }),
    run: resetPassword,
  }),
};
