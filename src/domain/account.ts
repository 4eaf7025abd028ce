/** Accounts: what phones register. Five types, each with its own fields (ACCT-01). */
import { parseAddress } from './subnet.ts';
import { checkName, checkText, excerpt } from './text.ts';

export const ACCOUNT_TYPES = ['sip', 'sfb', 'yms', 'cloud', 'h323'] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

export const TRANSPORTS = ['udp', 'tcp', 'tls', 'dns'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What people say of an account, beside its type, name, site and description. Empty text is "none". */
export interface AccountFields {
  readonly username: string;
  readonly authName: string;
  readonly password: string;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
  readonly port: number | null;
  readonly transport: Transport | null;
  readonly server2: string;
  readonly port2: number | null;
}

export type AccountField = keyof AccountFields;

interface TypeFacts {
  /** For people: `Skype for Business`. */
  readonly title: string;
  readonly required: readonly AccountField[];
  readonly optional: readonly AccountField[];
  /** What a user name is called there, for templates. */
  readonly username: string;
}

/** Fields by type, in the order of the columns. */
export const TYPE_FACTS: Readonly<Record<AccountType, TypeFacts>> = {
  sip: {
    title: 'SIP',
    required: ['username', 'server'],
    optional: ['authName', 'password', 'displayName', 'label', 'port', 'transport', 'server2', 'port2'],
    username: 'SIP user name, the part before the @',
  },
  sfb: {
    title: 'Skype for Business',
    required: ['username'],
    optional: ['authName', 'password', 'displayName', 'label'],
    username: 'sign-in address, such as anna@example.com',
  },
  yms: {
    title: 'YMS',
    required: ['username'],
    optional: ['password', 'displayName', 'label', 'server', 'port', 'transport'],
    username: 'number in the Yealink Meeting Server',
  },
  cloud: {
    title: 'Yealink Cloud',
    required: ['username'],
    optional: ['password', 'displayName', 'label', 'server'],
    username: 'cloud number',
  },
  h323: {
    title: 'H.323',
    required: ['username'],
    optional: ['authName', 'password', 'displayName', 'label', 'server', 'port', 'server2', 'port2'],
    username: 'H.323 name or extension',
  },
};

/** Field → its column in account files. */
export const FIELD_COLUMNS: Readonly<Record<AccountField, string>> = {
  username: 'username',
  authName: 'auth_name',
  password: 'password',
  displayName: 'display_name',
  label: 'label',
  server: 'server',
  port: 'port',
  transport: 'transport',
  server2: 'server2',
  port2: 'port2',
};

export const BLANK_ACCOUNT: AccountFields = {
  username: '',
  authName: '',
  password: '',
  displayName: '',
  label: '',
  server: '',
  port: null,
  transport: null,
  server2: '',
  port2: null,
};

export interface FieldProblem {
  readonly field: AccountField;
  /** A clause: `is not a host name`. Never holds a secret. */
  readonly reason: string;
  readonly remedy: string;
}

/** Everything that is wrong with an account of this type. */
export function checkAccount(type: AccountType, fields: AccountFields): FieldProblem[] {
  const { title, required, optional, username } = TYPE_FACTS[type];
  const problems: FieldProblem[] = [];
  for (const field of Object.keys(FIELD_COLUMNS) as AccountField[]) {
    const value = fields[field];
    const empty = value === null || value === '';
    if (empty) {
      if (required.includes(field)) {
        const remedy = field === 'username' ? `Give the ${username}.` : `Give the ${FIELD_COLUMNS[field]}.`;
        problems.push({ field, reason: `is missing: a ${title} account needs it`, remedy });
      }
    } else if (!required.includes(field) && !optional.includes(field)) {
      problems.push({ field, reason: `does not belong to a ${title} account`, remedy: 'Leave it empty.' });
    } else {
      const problem = checkField(field, String(value));
      if (problem !== undefined) problems.push({ field, ...problem });
    }
  }
  return problems;
}

type Reason = Omit<FieldProblem, 'field'>;

function checkField(field: AccountField, value: string): Reason | undefined {
  const text = field === 'username' || field === 'authName' ? checkName(value) : checkText(value, 255);
  if (text !== undefined) return { reason: text, remedy: 'Take the character out or shorten the value.' };
  if ((field === 'username' || field === 'server' || field === 'server2') && /\s/.test(value)) {
    return { reason: 'holds a blank', remedy: 'Take the blank out.' };
  }
  if (field === 'server' || field === 'server2') return checkServer(value);
  return undefined;
}

const HOST = /^(?=.{1,253}\.?$)[a-z0-9_](?:[a-z0-9_-]{0,62})?(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;

function checkServer(value: string): Reason | undefined {
  const bare = value.replace(/^\[(.*)\]$/, '$1');
  if (parseAddress(bare) !== undefined) return undefined;
  // A name whose last part is a number is a mistyped address.
  if (HOST.test(value) && !/(^|\.)\d+\.?$/.test(value)) return undefined;
  return {
    reason: `"${excerpt(value)}" is neither a host name nor an IP address`,
    remedy: 'Write the host alone, such as sip.example.com; the port has a column of its own.',
  };
}

/** Reads a port; empty text is none, `undefined` what is no port. */
export function readPort(text: string): number | null | undefined {
  if (text === '') return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Reads a transport in any case; empty text is none, `undefined` what is no transport. */
export function readTransport(text: string): Transport | null | undefined {
  if (text === '') return null;
  const lower = text.toLowerCase();
  return TRANSPORTS.find((transport) => transport === lower);
}

/** Reads an account type in any case and the spellings of the manuals: `SfB`, `H.323`. */
export function readAccountType(text: string): AccountType | undefined {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[\s.-]/g, '');
  return ACCOUNT_TYPES.find((type) => type === plain);
}

/** The row that an account's password is sealed for. Stable: it changes only with the name. */
export function passwordRow(type: AccountType, key: string): string {
  return `account:${type}/${key}:password`;
}
