/** Adding, editing and deleting accounts. */
import type { InferOutput } from 'valibot';
import { type AccountFields, type AccountType, passwordRow } from '../../domain/account.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { AccountData, AccountRecord } from '../ports/accounts.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { requireSite } from '../sites/site.ts';
import { type Account, accountOf, openPassword, requireAccount } from './account.ts';
import { completeFields, type newAccountSchema } from './fields.ts';

export type NewAccount = InferOutput<typeof newAccountSchema>;
export type AccountChanges = { readonly [K in Exclude<keyof NewAccount, 'type'>]?: NewAccount[K] | undefined };

export interface AccountsWritten {
  readonly accounts: readonly Account[];
}

export async function addAccounts(
  context: OperationContext,
  input: { readonly accounts: readonly NewAccount[]; readonly dryRun?: boolean | undefined },
): Promise<AccountsWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const accounts: Account[] = [];
    for (const { type, name, site, description, ...given } of input.accounts) {
      const fields = completeFields(type, name, given);
      const siteId = await siteIdOf(context, repositories, site ?? undefined);
      const data = seal({ type, name, siteId, description: description ?? '', fields }, context.secrets);
      accounts.push(accountOf(await repositories.accounts.get(repositories.accounts.insert(data, now))));
    }
    return [{ accounts }, { object: objectOf(accounts), result: 'done' }];
  });
}

export async function editAccounts(
  context: OperationContext,
  input: AccountChanges & {
    readonly accounts: readonly string[];
    readonly type?: AccountType | undefined;
    readonly dryRun?: boolean | undefined;
  },
): Promise<AccountsWritten> {
  const { accounts: references, type, dryRun, name, site, description, ...given } = input;
  if (name !== undefined && references.length > 1) {
    throw new PhonectlError('invalid_input', 'Several accounts cannot have one name.');
  }
  const now = context.clock.now();
  return await writeOrRehearse(context, dryRun, async (repositories) => {
    const accounts: Account[] = [];
    for (const reference of references) {
      const record = await requireAccount(repositories.accounts, reference, context.scope, type);
      context.checkVersion(record.version);
      const below: AccountFields = { ...record, password: openPassword(record, context.secrets) ?? '' };
      const data = seal(
        {
          type: record.type,
          name: name ?? record.name,
          siteId: site === undefined ? record.siteId : await siteIdOf(context, repositories, site ?? undefined),
          description: description ?? record.description,
          fields: completeFields(record.type, record.name, given, below),
        },
        context.secrets,
      );
      repositories.accounts.replace(record.id, data, now);
      accounts.push(accountOf(await repositories.accounts.get(record.id)));
    }
    const changed = Object.keys(input).filter((key) => !['accounts', 'type', 'dryRun'].includes(key));
    return [{ accounts }, { object: objectOf(accounts), result: 'done', details: { changed } }];
  });
}

/** No site given: an account of a limited actor still needs one, or its maker could not see it. */
async function siteIdOf(
  context: OperationContext,
  { sites }: Repositories,
  reference: string | undefined,
): Promise<number | null> {
  if (reference !== undefined) return (await requireSite(sites, reference, context.scope)).id;
  if (context.scope === 'all') return null;
  throw new PhonectlError('invalid_input', 'Name the site of the account: you may see those of your sites only.');
}

/** Puts an account together for the store, its password sealed for its very name. */
export function seal(
  account: {
    readonly type: AccountType;
    readonly name: string;
    readonly siteId: number | null;
    readonly description: string;
    readonly fields: AccountFields;
  },
  secrets: SecretBox,
): AccountData {
  const { fields, ...rest } = account;
  const { password } = fields;
  const row = passwordRow(account.type, nameKey(account.name));
  return { ...rest, ...fields, password: password === '' ? null : secrets.seal(password, row) };
}

export interface AccountsDeleted {
  /** As `type/name`. */
  readonly deleted: readonly string[];
  /** How many of them were on a line. */
  readonly unlinked: number;
}

/** ACCT-07: an account that a device holds goes only when it may be unlinked. */
export async function deleteAccounts(
  context: OperationContext,
  input: {
    readonly accounts: readonly string[];
    readonly type?: AccountType | undefined;
    readonly unlink?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
  },
): Promise<AccountsDeleted> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async ({ accounts }) => {
    const going = new Map<number, AccountRecord>();
    for (const reference of input.accounts) {
      const record = await requireAccount(accounts, reference, context.scope, input.type);
      context.checkVersion(record.version);
      going.set(record.id, record);
    }
    const held = [...going.values()].filter((record) => record.device !== null);
    const [first] = held;
    if (first !== undefined && input.unlink !== true) {
      throw new PhonectlError(
        'in_use',
        `${held.length === 1 ? 'The account' : `${held.length} accounts, such as`} ${first.type}/${first.name}, ` +
          `on line ${first.line} of ${first.device}, cannot be deleted while a device holds it.`,
        { hints: ['Take it off the line and delete it with --unlink.'], details: { held: held.length } },
      );
    }
    await accounts.unlink([...going.keys()], now);
    await accounts.delete([...going.keys()]);
    const deleted = [...going.values()].map((record) => `${record.type}/${record.name}`);
    const object = deleted.length === 1 ? `account:${deleted[0]}` : `accounts (${deleted.length})`;
    return [
      { deleted, unlinked: held.length },
      { object, result: 'done', details: { unlinked: held.length } },
    ];
  });
}

function objectOf(accounts: readonly Account[]): string {
  const [first] = accounts;
  return accounts.length === 1 && first ? `account:${first.type}/${first.name}` : `accounts (${accounts.length})`;
}
