/** What `account add` and `account edit` share. */
import { integer, string } from '@oclif/core/flags';
import type { AccountsWritten } from '../sdk/accounts/write.ts';
import { choice } from './flags.ts';
import { secretFlags } from './secrets.ts';
import { cleanText } from './text.ts';
import { type TextView, textView } from './view.ts';

export const ACCOUNT_TYPES = ['sip', 'sfb', 'yms', 'cloud', 'h323'] as const;

export const accountFlags = {
  username: string({ char: 'u', summary: 'User name that the phone registers.', helpValue: 'NAME' }),
  'auth-name': string({ summary: 'Name for authentication, when it is another one.', helpValue: 'NAME' }),
  ...secretFlags('password', 'password of the account'),
  'display-name': string({ summary: 'Name that callers are shown.', helpValue: 'TEXT' }),
  label: string({ summary: "Text beside the line key; '' clears it.", helpValue: 'TEXT' }),
  server: string({ char: 's', summary: 'Registrar: host name or address.', helpValue: 'HOST' }),
  port: integer({ summary: 'Port of the server.', min: 1, max: 65535 }),
  transport: choice(['udp', 'tcp', 'tls', 'dns'], { summary: 'Transport; dns finds it by NAPTR and SRV.' }),
  server2: string({ summary: 'Second server, used when the first fails.', helpValue: 'HOST' }),
  port2: integer({ summary: 'Port of the second server.', min: 1, max: 65535 }),
  site: string({ summary: "Site that the account belongs to; '' for none.", helpValue: 'SITE' }),
  description: string({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
};

export interface AccountFlagValues {
  username?: string | undefined;
  'auth-name'?: string | undefined;
  'display-name'?: string | undefined;
  label?: string | undefined;
  server?: string | undefined;
  port?: number | undefined;
  transport?: 'udp' | 'tcp' | 'tls' | 'dns' | undefined;
  server2?: string | undefined;
  port2?: number | undefined;
  site?: string | undefined;
  description?: string | undefined;
}

export interface AccountInput {
  username?: string;
  authName?: string;
  displayName?: string;
  label?: string;
  server?: string;
  port?: number;
  transport?: 'udp' | 'tcp' | 'tls' | 'dns';
  server2?: string;
  port2?: number;
  site?: string | null;
  description?: string;
  password?: string | null;
}

/** The operation's input of these flags; what was not given is not in it. The password comes from elsewhere. */
export function accountInput(flags: AccountFlagValues, password: string | null | undefined): AccountInput {
  return {
    ...(flags.username !== undefined && { username: flags.username }),
    ...(flags['auth-name'] !== undefined && { authName: flags['auth-name'] }),
    ...(flags['display-name'] !== undefined && { displayName: flags['display-name'] }),
    ...(flags.label !== undefined && { label: flags.label }),
    ...(flags.server !== undefined && { server: flags.server }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags.transport && { transport: flags.transport }),
    ...(flags.server2 !== undefined && { server2: flags.server2 }),
    ...(flags.port2 !== undefined && { port2: flags.port2 }),
    ...(flags.site !== undefined && { site: flags.site || null }),
    ...(flags.description !== undefined && { description: flags.description }),
    ...(password !== undefined && { password }),
  };
}

/** `✔ Account sip/1001 added.` */
export function accountsWrittenView(done: 'added' | 'changed'): TextView<AccountsWritten> {
  return textView((result, style) =>
    result.accounts.map(
      ({ type, name }) => `${style.paint('green', style.symbol('ok'))} Account ${type}/${cleanText(name)} ${done}.`,
    ),
  );
}
