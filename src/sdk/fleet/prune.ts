/** What a fleet has and its folder does not: named in every plan, deleted only with `--prune`. */
import { deviceKey } from '../../domain/device.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { deleteSites } from '../sites/write.ts';
import type { Folder, TableName } from './folder.ts';
import type { Problems } from './problems.ts';
import { accountSecret } from './secrets.ts';
import { readTable } from './tables.ts';

interface Stranger {
  readonly id: number;
  readonly name: string;
}

export type Strangers = Readonly<Record<'sites' | 'groups' | 'accounts' | 'devices', readonly Stranger[]>>;

/** A folder without a table says nothing of its topic. */
export async function findStrangers(
  { read, scope }: OperationContext,
  folder: Folder,
  problems: Problems,
): Promise<Strangers> {
  const found = {
    sites: [] as Stranger[],
    groups: [] as Stranger[],
    accounts: [] as Stranger[],
    devices: [] as Stranger[],
  };
  const keys = async (file: TableName): Promise<ReadonlySet<string> | undefined> =>
    folder.names.includes(file) ? await problems.within(file, async () => await keysOf(folder, file)) : undefined;

  const sites = await keys('sites.csv');
  if (sites !== undefined) {
    for await (const { id, name, kind } of read.sites.list({ scope })) {
      if (kind !== 'company' && kind !== 'internet' && !sites.has(nameKey(name))) found.sites.push({ id, name });
    }
  }
  const groups = await keys('groups.csv');
  if (groups !== undefined) {
    for await (const { id, name } of read.groups.list({ scope })) {
      if (!groups.has(nameKey(name))) found.groups.push({ id, name });
    }
  }
  const accounts = await keys('accounts.csv');
  if (accounts !== undefined) {
    for await (const { id, type, name } of read.accounts.list({ scope })) {
      if (!accounts.has(accountSecret(type, name))) found.accounts.push({ id, name: `${type}:${name}` });
    }
  }
  const devices = await keys('devices.csv');
  if (devices !== undefined) {
    for (const { id, mac, serial, name } of read.profiles.positions(scope)) {
      const key = deviceKey({ mac, serial });
      if (!devices.has(key)) found.devices.push({ id, name: name === '' ? key : `${name} (${key})` });
    }
  }
  return found;
}

async function keysOf(folder: Folder, file: TableName): Promise<ReadonlySet<string>> {
  const { shape, rows } = await readTable(folder, file);
  const keys = new Set<string>();
  for await (const row of rows) {
    const key = shape.key(row);
    if (key !== undefined) keys.add(key);
  }
  return keys;
}

/** Deletes them, what is used after what uses it. Returns the names. */
export async function removeStrangers(
  context: OperationContext,
  { sites, groups, accounts, devices }: Strangers,
): Promise<Readonly<Record<keyof Strangers, readonly string[]>>> {
  const now = context.clock.now();
  const ids = (strangers: readonly Stranger[]): readonly number[] => strangers.map(({ id }) => id);
  const names = (strangers: readonly Stranger[]): readonly string[] => strangers.map(({ name }) => name);
  if (devices.length + accounts.length + groups.length > 0) {
    await context.write(async (repositories) => {
      await repositories.devices.delete(ids(devices));
      await repositories.accounts.unlink(ids(accounts), now);
      await repositories.accounts.delete(ids(accounts));
      await repositories.groups.delete(ids(groups), now);
      const details = { devices: devices.length, accounts: accounts.length, groups: groups.length };
      return [undefined, { object: 'fleet', result: 'done', details: { pruned: details } }];
    });
  }
  if (sites.length > 0) {
    await deleteSites(context, { sites: names(sites), recursive: true, migrate: true });
  }
  return { sites: names(sites), groups: names(groups), accounts: names(accounts), devices: names(devices) };
}
