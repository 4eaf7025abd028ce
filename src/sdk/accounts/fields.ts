/** Schemas of what can be said about an account; which fields a type has is `domain/account.ts`. */
import { nullable, optional, picklist, strictObject, string } from 'valibot';
import {
  ACCOUNT_TYPES,
  type AccountField,
  type AccountFields,
  type AccountType,
  BLANK_ACCOUNT,
  checkAccount,
  FIELD_COLUMNS,
  TRANSPORTS,
} from '../../domain/account.ts';
import { PhonectlError } from '../errors.ts';
import { nameField, portField, referenceField, textField } from '../fields.ts';

export const typeField = picklist(ACCOUNT_TYPES);

/** A missing field is left as it is; `null` and empty text clear. */
export const accountFields = {
  username: optional(string()),
  authName: optional(string()),
  /** In the clear; sealed before it is stored. */
  password: optional(nullable(string())),
  displayName: optional(string()),
  label: optional(string()),
  server: optional(string()),
  port: optional(nullable(portField)),
  transport: optional(nullable(picklist(TRANSPORTS))),
  server2: optional(string()),
  port2: optional(nullable(portField)),
  site: optional(nullable(referenceField)),
  description: optional(textField),
};

export const newAccountSchema = strictObject({ type: typeField, name: nameField, ...accountFields });

/** Lays the given fields over others and checks the whole. Throws `invalid_input` with every problem. */
export function completeFields(
  type: AccountType,
  name: string,
  given: Readonly<Record<string, unknown>>,
  below: AccountFields = BLANK_ACCOUNT,
): AccountFields {
  const own = Object.keys(FIELD_COLUMNS) as AccountField[];
  const value = (field: AccountField): unknown =>
    given[field] === undefined ? below[field] : (given[field] ?? BLANK_ACCOUNT[field]);
  const fields = Object.fromEntries(own.map((field) => [field, value(field)])) as unknown as AccountFields;
  const problems = checkAccount(type, fields);
  if (problems.length === 0) return fields;
  const texts = problems.map(({ field, reason }) => `${FIELD_COLUMNS[field]} ${reason}`);
  throw new PhonectlError('invalid_input', `The account ${type}/${name} is not valid: ${texts.join('; ')}.`, {
    hints: [...new Set(problems.map(({ remedy }) => remedy))],
    details: { problems: texts },
  });
}
