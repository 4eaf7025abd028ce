/** How access keys, users, roles and what was done look. */
import type { Delegation } from '../sdk/delegations/delegations.ts';
import type { Callback } from '../sdk/keys/callback-addresses.ts';
import type { Key, NewKey } from '../sdk/keys/keys.ts';
import type { LogLine } from '../sdk/logs/logs.ts';
import type { Role } from '../sdk/roles/roles.ts';
import type { User } from '../sdk/users/users.ts';
import { cleanText } from './text.ts';
import { type Column, type TextView, textView } from './view.ts';

export const keyColumns: readonly Column<Key>[] = [
  { name: 'name' },
  { name: 'id', priority: 4 },
  { name: 'state', kind: 'state' },
  { name: 'roles', kind: 'list', priority: 1 },
  { name: 'from', kind: 'list', priority: 6 },
  { name: 'expiresAt', header: 'EXPIRES', kind: 'time', priority: 3 },
  { name: 'lastUsedAt', header: 'USED', kind: 'time', priority: 2 },
  { name: 'lastUsedFrom', header: 'USED FROM', priority: 5 },
  { name: 'description', extra: true },
  { name: 'createdBy', header: 'BY', extra: true },
  { name: 'createdAt', header: 'CREATED', kind: 'time', extra: true },
  { name: 'rotatedAt', header: 'ROTATED', kind: 'time', extra: true },
  { name: 'previousUntil', header: 'OLD SECRET UNTIL', kind: 'time', extra: true },
  { name: 'revokedAt', header: 'REVOKED', kind: 'time', extra: true },
  { name: 'callback', extra: true },
];

export const callbackColumns: readonly Column<Callback>[] = [
  { name: 'at', header: 'TIME', kind: 'time' },
  { name: 'key' },
  { name: 'event' },
  { name: 'object', priority: 4 },
  { name: 'state', kind: 'state' },
  { name: 'attempts', kind: 'number', priority: 3 },
  { name: 'nextAt', header: 'NEXT', kind: 'time', priority: 2 },
  { name: 'endedAt', header: 'ENDED', kind: 'time', extra: true },
  { name: 'problem', priority: 1 },
];

/** The one time that a secret is seen. */
export function newKeyView(what: 'made' | 'renewed'): TextView<NewKey> {
  return textView<NewKey>((key, style) => {
    const name = cleanText(key.name);
    if (key.secret === null) return `Access key ${name} ${what}.`;
    return [
      `${style.paint('green', style.symbol('ok'))} Access key ${name} ${what}.`,
      `  id      ${key.id}`,
      `  secret  ${key.secret}`,
      ...(key.callbackSecret === null ? [] : [`  callbacks are signed with  ${key.callbackSecret}`]),
      'The secret cannot be shown again.',
    ];
  });
}

export const userColumns: readonly Column<User>[] = [
  { name: 'email' },
  { name: 'name', priority: 3 },
  { name: 'state', kind: 'state' },
  { name: 'roles', kind: 'list', priority: 1 },
  { name: 'phone', priority: 5 },
  { name: 'country', extra: true },
  { name: 'lastLoginAt', header: 'LOGIN', kind: 'time', priority: 2 },
  { name: 'mustChangePassword', header: 'NEW PASSWORD DUE', kind: 'flag', priority: 6 },
  { name: 'passwordAt', header: 'PASSWORD SINCE', kind: 'time', extra: true },
  { name: 'createdAt', header: 'ADDED', kind: 'time', priority: 4 },
];

export const delegationColumns: readonly Column<Delegation>[] = [
  { name: 'email' },
  { name: 'name', priority: 4 },
  { name: 'state', kind: 'state' },
  { name: 'roles', kind: 'list', priority: 1 },
  { name: 'until', kind: 'time', priority: 2 },
  { name: 'by', priority: 3 },
  { name: 'since', kind: 'time', extra: true },
  { name: 'lastLoginAt', header: 'LOGIN', kind: 'time', priority: 5 },
];

export const roleColumns: readonly Column<Role>[] = [
  { name: 'name' },
  { name: 'group', priority: 4 },
  { name: 'permissions', kind: 'list', priority: 1 },
  { name: 'sites', kind: 'list', priority: 2 },
  { name: 'users', kind: 'number', priority: 5 },
  { name: 'keys', kind: 'number', priority: 5 },
  { name: 'description', priority: 6 },
  { name: 'builtin', kind: 'flag', extra: true },
];

export const logColumns: readonly Column<LogLine>[] = [
  { name: 'at', header: 'TIME', kind: 'time' },
  { name: 'actor', header: 'USER', priority: 1 },
  { name: 'source', header: 'FROM', priority: 3 },
  { name: 'operation' },
  { name: 'object', priority: 2 },
  { name: 'result', kind: 'state' },
  { name: 'id', kind: 'number', extra: true },
  { name: 'actorKind', header: 'KIND', extra: true },
  { name: 'hash', extra: true },
];

/** One line with a tick: what a write says when it is done. */
export function doneView<T>(say: (result: T) => string): TextView<T> {
  return textView<T>((result, style) => `${style.paint('green', style.symbol('ok'))} ${cleanText(say(result))}`);
}
